package dev.lamina.store;

import dev.lamina.layer.Dialect;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.owner.OwnerRecords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The layers of an image as the union takes them. */
public final class ImageStack {
  private ImageStack() {}

  /** The image alone, for options to be added. */
  public static OverlayOptions.Builder readOnly(StoredImage image) {
    OverlayOptions.Builder options = OverlayOptions.builder();
    lowers(image).forEach(options::addLower);
    return options;
  }

  /**
   * The image under a writable layer that is this process's own: made by it, or by another with the
   * same rights.
   *
   * @param upper a directory that was empty when {@link ImageStore#prepareUpper} got it
   * @param work an empty one, or of an earlier mount, on the same filesystem
   */
  public static OverlayOptions.Builder writable(StoredImage image, Path upper, Path work) {
    return writable(image, upper, work, ImageStore.recordsOwners());
  }

  /**
   * As above.
   *
   * @param ownersRecorded what {@link ImageStore#recordsOwners} said where the layer was made
   */
  public static OverlayOptions.Builder writable(
      StoredImage image, Path upper, Path work, boolean ownersRecorded) {
    return readOnly(image)
        .writable(upper, work)
        .upperMarks(LowerLayer.Marks.KERNEL)
        .upperOwners(owners(ownersRecorded));
  }

  /** Topmost first, each directory once, as {@link StoredImage#lowers} explains. */
  public static List<LowerLayer> lowers(StoredImage image) {
    List<LowerLayer> lowers = new ArrayList<>();
    image
        .root()
        .ifPresent(
            root ->
                lowers.add(
                    new LowerLayer(
                        root, LowerLayer.Marks.KERNEL, owners(image.rootOwnerRecorded()))));
    Set<Path> known = new HashSet<>();
    for (StoredLayer layer : image.layers()) {
      if (known.add(layer.tree())) {
        lowers.add(lower(layer));
      }
    }
    return lowers;
  }

  /** One layer alone. */
  public static LowerLayer lower(StoredLayer layer) {
    LowerLayer.Marks marks =
        layer.dialect() == Dialect.AUFS ? LowerLayer.Marks.ANY : LowerLayer.Marks.KERNEL;
    return new LowerLayer(layer.tree(), marks, owners(layer.ownersRecorded()));
  }

  /** Where objects that this store made say whose they are. */
  public static OwnerRecords owners(boolean recorded) {
    return recorded ? OwnerRecords.STORE : OwnerRecords.NONE;
  }
}

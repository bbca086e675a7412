package dev.lamina.store;

import dev.lamina.layer.Dialect;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.owner.OwnerRecords;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The layers of an image as the union takes them. */
public final class ImageStack {
  private ImageStack() {}

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

package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.PythonProgram;
import dev.lamina.fixtures.tree.Dialect;
import dev.lamina.fixtures.tree.Layer;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.LowerLayer.Marks;
import dev.lamina.overlay.Metacopies;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.OverlayOptions.PrivateXattrs;
import dev.lamina.overlay.owner.OwnerRecords;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The same layers under Lamina and under kernel overlayfs, each with an upper of its own, and the
 * same program run on both: what it prints is compared. Programs are Python, which has the calls
 * that Java has not; {@code prelude.py} is in front of each, and the working directory is the
 * mount.
 */
final class TwoMounts implements AutoCloseable {
  private static final List<String> KERNEL_OPTIONS =
      List.of("redirect_dir=off", "index=off", "metacopy=off");

  private final Path scripts;
  private final Side ours;
  private final Side theirs;
  private final Closeable ourMount;
  private final KernelOverlay theirMount;

  /** Where one of the two has its layers and shows them. */
  record Side(Path lower, Path upper, Path work, Path mount) {
    private static Side in(Path directory) throws IOException {
      return new Side(
          Files.createDirectories(directory.resolve("lower")),
          Files.createDirectories(directory.resolve("upper")),
          Files.createDirectories(directory.resolve("work")),
          Files.createDirectories(directory.resolve("mount")));
    }
  }

  private TwoMounts(Path scripts, Side ours, Side theirs, OwnerRecords records) throws IOException {
    this.scripts = scripts;
    this.ours = ours;
    this.theirs = theirs;
    ourMount = mountOurs(ours, records);
    try {
      theirMount =
          KernelOverlay.mount(
              List.of(theirs.lower), theirs.upper, theirs.work, theirs.mount, KERNEL_OPTIONS);
    } catch (IOException e) {
      ourMount.close();
      throw e;
    }
  }

  /** Both mounts over copies of {@code lower}, on the filesystem of the scratch. */
  static TwoMounts over(MountScratch scratch, Layer lower) throws IOException {
    return over(scratch, scratch.directory("ours"), scratch.directory("theirs"), lower);
  }

  /** As {@link #over(MountScratch, Layer)}, where Lamina's upper keeps owners in xattrs. */
  static TwoMounts recording(MountScratch scratch, OwnerRecords records, Layer lower)
      throws IOException {
    return over(scratch, scratch.directory("ours"), scratch.directory("theirs"), records, lower);
  }

  /** As {@link #over(MountScratch, Layer)}, each with its layers in a directory of the caller's. */
  static TwoMounts over(MountScratch scratch, Path ourPlace, Path theirPlace, Layer lower)
      throws IOException {
    return over(scratch, ourPlace, theirPlace, OwnerRecords.NONE, lower);
  }

  private static TwoMounts over(
      MountScratch scratch, Path ourPlace, Path theirPlace, OwnerRecords records, Layer lower)
      throws IOException {
    Side ours = Side.in(ourPlace);
    Side theirs = Side.in(theirPlace);
    lower.writeTo(ours.lower, Dialect.KERNEL);
    lower.writeTo(theirs.lower, Dialect.KERNEL);
    return new TwoMounts(scratch.directory("scripts"), ours, theirs, records);
  }

  private static Closeable mountOurs(Side side, OwnerRecords records) throws IOException {
    Overlay overlay =
        Overlay.open(
            OverlayOptions.builder()
                .index(Index.OFF)
                .addLower(new LowerLayer(side.lower, Marks.KERNEL))
                .upperMarks(Marks.KERNEL)
                .upperOwners(records)
                .writable(side.upper, side.work)
                .privateXattrs(PrivateXattrs.TRUSTED)
                .metacopies(Metacopies.OFF)
                .syncBeforePublish(false)
                .build());
    try {
      FuseMount mount = TestMounts.of(overlay.inodes()).on(side.mount).mount();
      return () -> {
        mount.close();
        overlay.close();
      };
    } catch (IOException e) {
      overlay.close();
      throw e;
    }
  }

  Side ours() {
    return ours;
  }

  /** Runs the program on both; both print the same, which is the result. */
  String same(String program) throws Exception {
    String expected = on(theirs, program);
    assertThat(expected).as("what it found").isNotBlank();
    assertThat(on(ours, program)).as("as on kernel overlayfs:%n%s", program).isEqualTo(expected);
    return expected;
  }

  /** Runs the program on Lamina alone, where the kernel's overlayfs is no model. */
  String onOurs(String program) throws Exception {
    return on(ours, program);
  }

  /** Runs the program on kernel overlayfs alone, to show what it does otherwise. */
  String onKernel(String program) throws Exception {
    return on(theirs, program);
  }

  private String on(Side side, String program) throws Exception {
    Path script = PythonProgram.write(scripts.resolve("program.py"), program);
    return Programs.sh(
        "cd \"$1\"; LOWER=\"$3\" UPPER=\"$4\" exec /usr/bin/env python3 \"$2\"",
        side.mount,
        script,
        side.lower,
        side.upper);
  }

  @Override
  public void close() throws IOException {
    try {
      ourMount.close();
    } finally {
      theirMount.close();
    }
  }
}

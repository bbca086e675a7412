package dev.lamina.cli;

import dev.lamina.image.LayerContent;
import dev.lamina.image.OciLayoutWriter;
import dev.lamina.image.Platform;
import dev.lamina.layer.tar.TarType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;

/** Images for these tests, written as OCI layouts; each method returns what lamina calls it. */
final class TestImages {
  private static final String TAG = "v1";
  private static final byte[] NO_DATA = new byte[0];

  /** VFS_CAP_REVISION_2 with cap_net_raw permitted and effective (linux/capability.h). */
  private static final byte[] CAP_NET_RAW = {
    1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private TestImages() {}

  /** Two layers with a few files, for tests that need any image at all. */
  static String small(Path layout) throws IOException {
    return write(
        layout,
        new TarLayer()
            .directory("etc", 0755)
            .file("etc/motd", "below\n")
            .file("etc/group", "root:x:0:\n"),
        new TarLayer().directory("srv", 0755).file("srv/data", "data\n"));
  }

  /**
   * An image that takes about a second to unpack on any host: a few files, and the same directories
   * again and again, which costs system calls but no inodes.
   */
  static String slow(Path layout, int files) throws IOException {
    TarLayer layer = new TarLayer();
    for (int i = 0; i < files; i++) {
      layer.file("first/f" + i, "content of " + i + "\n");
    }
    for (int i = 0; i < 60_000; i++) {
      layer.directory("again/d" + i % 100, 0755);
    }
    return write(layout, layer);
  }

  /** Three layers with everything that a layer may hold and do to the layers below. */
  static String everything(Path layout) throws IOException {
    return write(layout, base(), middle(), top());
  }

  private static TarLayer base() {
    byte[] large = new byte[300_000];
    new Random(1).nextBytes(large);
    TarLayer layer =
        new TarLayer()
            .directory("", 0755)
            .directory("etc", 0755)
            .file("etc/motd", "one\n")
            .file("etc/replaced", "old\n")
            .file("etc/gone", "deleted in the second layer\n")
            .directory("usr/share/doc", 0755)
            .file("usr/share/doc/a", "a\n")
            .directory("usr/share/doc/sub", 0755)
            .file("usr/share/doc/sub/b", "b\n")
            .directory("opaque", 0755)
            .file("opaque/old", "old\n")
            .directory("opaque/olddir", 0755)
            .file("opaque/olddir/x", "x\n")
            .file("swap/file-to-directory", "file\n")
            .directory("swap/directory-to-file", 0700)
            .file("swap/directory-to-file/inside", "inside\n")
            .file("bin/tool", 04755, large)
            .hardLink("bin/tool2", "bin/tool")
            .symlink("bin/link", "tool")
            .file("n/\u00e9\u00ff latin\n", "not UTF-8\n");
    layer.add(TarType.CHAR_DEVICE, "dev/null", 0666, NO_DATA, e -> e.device(1, 3));
    layer.add(TarType.BLOCK_DEVICE, "dev/loop", 0660, NO_DATA, e -> e.device(7, 0).owner(0, 6));
    layer.add(TarType.FIFO, "dev/fifo", 0600, NO_DATA, e -> e.owner(1000, 1001));
    layer.add(
        TarType.REGULAR,
        "bin/ping",
        0755,
        large,
        e ->
            e.size(large.length)
                .xattr(TarLayer.xattr("security.capability", CAP_NET_RAW))
                .xattr(TarLayer.xattr("user.note", text("of the base"))));
    return layer;
  }

  private static TarLayer middle() {
    return new TarLayer()
        .whiteout("etc/gone")
        .whiteout("usr/share/doc")
        .directory("opaque", 0750)
        .opaque("opaque")
        .file("opaque/new", "new\n")
        .file("etc/replaced", "new\n")
        .hardLink("bin/tool3", "bin/tool")
        .directory("swap/file-to-directory", 0711)
        .file("swap/file-to-directory/inside", "inside\n")
        .file("swap/directory-to-file", "file\n");
  }

  private static TarLayer top() {
    return new TarLayer()
        .whiteout("etc/never-was")
        .whiteout("n/\u00e9\u00ff latin\n")
        .file("n/\u00fe", "another\n")
        .add(TarType.DIRECTORY, "etc", 0711, NO_DATA, e -> e.owner(5, 6))
        .directory("usr/share/doc", 02775)
        .file("usr/share/doc/c", "c\n")
        .directory("deep/er/and/deeper", 01777)
        .symlink("deep/er/absolute", "/etc/motd");
  }

  /** Writes layers, bottom first. */
  static String write(Path layout, LayerContent... layers) throws IOException {
    OciLayoutWriter image = new OciLayoutWriter(layout, Instant.EPOCH);
    for (LayerContent layer : layers) {
      image.layer(layer, "a test");
    }
    image.finish(TAG, Platform.host(), Map.of());
    return "oci:" + layout + ":" + TAG;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

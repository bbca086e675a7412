package dev.lamina.cli;

import dev.lamina.bundle.ProcessUser;
import dev.lamina.bundle.RunOptions;
import dev.lamina.bundle.RuntimeConfig;
import dev.lamina.bundle.UserLookup;
import dev.lamina.inspect.MergedTree;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.store.StoredImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The making of config.json for an image of the store. */
final class Bundles {
  static final String CONFIG = "config.json";
  static final String ROOT = "rootfs";

  private Bundles() {}

  /** The document; users are looked up in the image, by paths that cannot lead out of it. */
  static String config(StoredImage image, RunOptions options) throws IOException {
    RuntimeConfig runtime = new RuntimeConfig(image.config(), options);
    try (MergedTree tree = MergedTree.open(image)) {
      UserLookup users = new UserLookup(read(tree, "/etc/passwd"), read(tree, "/etc/group"));
      ProcessUser user = users.find(runtime.user());
      return new String(runtime.write(user), StandardCharsets.UTF_8);
    }
  }

  private static byte[] read(MergedTree tree, String path) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try {
      tree.copy(path.getBytes(StandardCharsets.US_ASCII), content);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
        throw e;
      }
    }
    return content.toByteArray();
  }
}

package dev.lamina.nio;

import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;

/**
 * Where a conformance test runs: on the JDK's default file system, which is right by definition,
 * and on Lamina's. Each shows the same sample tree.
 */
enum Backend {
  /** The oracle. */
  JDK {
    @Override
    Lab open(Path directory) throws IOException {
      Path root = Files.createDirectory(directory.resolve("root"));
      Sample.everything(root, root, root);
      return new Lab(root, () -> {});
    }
  },

  /** The sample in two lowers and the upper. */
  SPREAD {
    @Override
    Lab open(Path directory) throws IOException {
      return union(directory, true);
    }
  },

  /** The sample in lowers only, so that whatever changes is promoted first. */
  LOWERS {
    @Override
    Lab open(Path directory) throws IOException {
      return union(directory, false);
    }
  };

  /** A directory with the sample in it, and what ends it. */
  record Lab(Path root, Closing closing) implements AutoCloseable {
    interface Closing {
      void close() throws IOException;
    }

    @Override
    public void close() throws IOException {
      closing.close();
    }
  }

  abstract Lab open(Path directory) throws IOException;

  private static Lab union(Path directory, boolean spread) throws IOException {
    Path bottom = Files.createDirectory(directory.resolve("bottom"));
    Path top = Files.createDirectory(directory.resolve("top"));
    Path upper = Files.createDirectory(directory.resolve("upper"));
    Path work = Files.createDirectory(directory.resolve("work"));
    Sample.everything(bottom, top, spread ? upper : top);
    Sample.hide(bottom, top);
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(top)
            .addLower(bottom)
            .writable(upper, work)
            .syncBeforePublish(false)
            .build();
    FileSystem fileSystem = LaminaFileSystem.open(options);
    return new Lab(fileSystem.getPath("/"), fileSystem::close);
  }

  /** The tree that tests expect. */
  private static final class Sample {
    static void everything(Path bottom, Path top, Path upper) throws IOException {
      for (Path layer : new Path[] {bottom, top, upper}) {
        Files.createDirectories(layer.resolve("dir"));
        Files.setPosixFilePermissions(layer, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      Files.writeString(bottom.resolve("a.txt"), "alpha");
      Files.getFileAttributeView(bottom.resolve("a.txt"), UserDefinedFileAttributeView.class)
          .write("color", ByteBuffer.wrap(new byte[] {'r', 'e', 'd'}));
      Files.writeString(top.resolve("b.txt"), "beta");
      Files.writeString(upper.resolve("c.txt"), "gamma");
      Files.writeString(bottom.resolve("dir/low"), "1");
      Files.writeString(top.resolve("dir/mid"), "2");
      Files.writeString(upper.resolve("dir/up"), "3");
      Files.writeString(bottom.resolve("shadowed"), "old and longer");
      Files.writeString(upper.resolve("shadowed"), "new");
      Files.createDirectory(bottom.resolve("empty"));
      Files.createSymbolicLink(bottom.resolve("link"), Path.of("a.txt"));
      Files.createSymbolicLink(top.resolve("dangling"), Path.of("nowhere"));
      Files.createSymbolicLink(bottom.resolve("dirlink"), Path.of("dir"));
      Files.createSymbolicLink(bottom.resolve("loop"), Path.of("loop"));
      Files.createDirectories(bottom.resolve("deep/x/y"));
      Files.writeString(bottom.resolve("deep/x/y/file"), "deep");
      Files.createSymbolicLink(bottom.resolve("deep/x/up"), Path.of("../.."));
      Files.createFile(
          bottom.resolve("exec.sh"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      Files.createFile(bottom.resolve(".hidden"));
    }

    /** What only unions have: a file of the bottom that the top deletes. */
    static void hide(Path bottom, Path top) throws IOException {
      Files.writeString(bottom.resolve("gone"), "deleted");
      Files.createFile(top.resolve(".wh.gone"));
    }
  }
}

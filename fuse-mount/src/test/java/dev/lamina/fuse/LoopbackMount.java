package dev.lamina.fuse;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** A loopback filesystem on {@code source}, mounted on {@code target} by this JVM. */
final class LoopbackMount implements AutoCloseable {
  final Path source;
  final Path target;
  final LoopbackFileSystem fileSystem;
  final FuseMount mount;

  /** Descriptors of both roots, for calls by bytes. */
  final int sourceFd;

  final int targetFd;

  private LoopbackMount(Path source, Path target, Consumer<FuseMountBuilder> options)
      throws IOException {
    this.source = source;
    this.target = target;
    fileSystem = new LoopbackFileSystem(source);
    FuseMountBuilder builder =
        TestMounts.of(fileSystem).on(target).closeGrace(Duration.ofMillis(500));
    options.accept(builder);
    mount = builder.mount();
    sourceFd = directory(source);
    targetFd = directory(target);
  }

  static LoopbackMount in(MountScratch scratch) throws IOException {
    return in(scratch, builder -> {});
  }

  static LoopbackMount in(MountScratch scratch, Consumer<FuseMountBuilder> options)
      throws IOException {
    return new LoopbackMount(scratch.directory("source"), scratch.directory("target"), options);
  }

  private static int directory(Path path) throws ErrnoException {
    return At.openDirectory(At.FDCWD, Name.of(path.toString()));
  }

  @Override
  public void close() {
    Fd.close(sourceFd);
    Fd.close(targetFd);
    mount.close();
    fileSystem.close();
  }
}

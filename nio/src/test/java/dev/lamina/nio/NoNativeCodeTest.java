package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image in an archive is read where there is neither Linux nor JNR-FFI. */
final class NoNativeCodeTest {
  /** Words and numbers of Linux: plain Java. */
  private static final Set<String> PLAIN =
      Set.of(
          "dev.lamina.linux.Errno",
          "dev.lamina.linux.ErrnoException",
          "dev.lamina.linux.FileMode",
          "dev.lamina.linux.Printable");

  @TempDir Path directory;

  /** Loads Lamina's classes again, and refuses those that make native calls. */
  private static final class Loader extends URLClassLoader {
    final Set<String> loaded = new ConcurrentSkipListSet<>();

    Loader(URL[] places) {
      super(places, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      boolean calls =
          name.startsWith("jnr.")
              || name.startsWith("com.kenai.")
              || name.startsWith("dev.lamina.overlay.")
              || (name.startsWith("dev.lamina.linux.") && !PLAIN.contains(name));
      if (calls) {
        throw new ClassNotFoundException(name + " has no place here");
      }
      loaded.add(name);
      return super.findClass(name);
    }
  }

  private static URL[] classPath() throws Exception {
    List<URL> places = new ArrayList<>();
    for (String place :
        Splitter.on(File.pathSeparatorChar).split(System.getProperty("java.class.path"))) {
      places.add(new File(place).toURI().toURL());
    }
    return places.toArray(URL[]::new);
  }

  @Test
  void archives_areReadWithoutIt() throws Exception {
    Path archive =
        new ImageBuilder()
            .layer(new TarBuilder().file("etc/motd", "hello").symlink("motd", "etc/motd"))
            .layer(new TarBuilder().file("b\u00e4d", "x").whiteout("nothing"))
            .writeOciArchive(directory.resolve("image.tar"), "v1");
    try (Loader loader = new Loader(classPath())) {
      Class<?> type = loader.loadClass(LaminaFileSystemProvider.class.getName());
      assertThat(type).isNotSameAs(LaminaFileSystemProvider.class);
      FileSystemProvider provider = (FileSystemProvider) type.getConstructor().newInstance();
      Map<String, ?> env = Map.of("archive", archive.toString());
      try (FileSystem image = provider.newFileSystem(URI.create("lamina://plain"), env)) {
        assertThat(Files.readString(image.getPath("motd"))).isEqualTo("hello");
        assertThat(Files.getOwner(image.getPath("motd")).getName()).isEqualTo("0");
        assertThat(Files.readAttributes(image.getPath("/etc/motd"), "unix:*")).hasSize(20);
        assertThat(Files.isReadable(image.getPath("motd"))).isTrue();
        assertThat(Files.getFileStore(image.getPath("/")).getTotalSpace()).isEqualTo(6);
        try (Stream<Path> walk = Files.walk(image.getPath("/"))) {
          assertThat(walk).hasSize(5);
        }
        Path copied = Files.copy(image.getPath("motd"), directory.resolve("copied"));
        assertThat(copied).hasContent("hello");
      }
      assertThat(loader.loaded).contains("dev.lamina.nio.archive.ImageTree");
    }
  }
}

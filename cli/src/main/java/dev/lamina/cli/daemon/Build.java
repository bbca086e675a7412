package dev.lamina.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Which build of Lamina this is: two processes of the same one understand each other and do the
 * same. After an upgrade a daemon of the old build lives on until its mounts have ended.
 */
public final class Build {
  private Build() {}

  /**
   * Names the build in {@code home}, the directory of the jars: by what a package says that it is,
   * else by the time of its class path, which each build writes.
   */
  public static String in(Path home) throws IOException {
    Path packaged = home.resolve("build");
    String name =
        Files.exists(packaged)
            ? Files.readString(packaged).strip()
            : Long.toString(
                Files.getLastModifiedTime(home.resolve("classpath")).to(TimeUnit.SECONDS));
    return home.toRealPath().toString().concat(" ").concat(name);
  }
}

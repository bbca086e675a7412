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
   * Names the build in {@code home}, the directory of the jars, by the time of its class path: an
   * upgrade or a new build writes that file.
   */
  public static String in(Path home) throws IOException {
    Path file = home.resolve("classpath");
    return home.toRealPath()
        .toString()
        .concat(" ")
        .concat(Long.toString(Files.getLastModifiedTime(file).to(TimeUnit.SECONDS)));
  }
}

package dev.lamina.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the tarball and in the Debian package, and whether it runs where it is unpacked. */
final class PackagesIT {
  private static final Path TARGET = Path.of("target");

  @TempDir private Path place;

  private static Path made(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(TARGET)) {
      return files.filter(file -> file.toString().endsWith(suffix)).findFirst().orElseThrow();
    }
  }

  private static String run(String script, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-ec", script, "sh"));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("LAMINA_"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void debianPackage_hasWhatIsPromised() throws Exception {
    String content = run("dpkg-deb -c $1", made(".deb"));
    assertThat(content)
        .contains(
            "./usr/bin/lamina -> ../share/lamina/lamina",
            "./usr/bin/fuse-lamina -> ../share/lamina/fuse-lamina",
            "./sbin/mount.fuse3.fuse-lamina -> /usr/share/lamina/fuse-lamina",
            "./usr/share/lamina/lib/lamina-cli.jar",
            "./usr/lib/lamina/jni/",
            "./usr/share/man/man1/lamina.1.gz",
            "./usr/share/man/man1/lamina-mount.1.gz",
            "./usr/share/man/man8/fuse-lamina.8.gz",
            "./usr/share/bash-completion/completions/lamina",
            "./lib/systemd/system/lamina-snapshotter.service",
            "./lib/systemd/system/lamina-daemon.service",
            "./usr/share/doc/lamina/copyright",
            "./usr/share/doc/lamina/changelog.Debian.gz")
        .as("libraries of tests")
        .doesNotContain("junit", "assertj", "test-fixtures", "slf4j-simple");
    assertThat(content.lines()).allMatch(line -> line.contains("root/root"));
    assertThat(content.lines()).as("one time of all").allMatch(line -> line.contains("2025-01-01"));
    String fields = run("dpkg-deb -f $1", made(".deb"));
    assertThat(fields)
        .contains(
            "Depends: default-jre-headless (>= 2:1.17) | java17-runtime-headless, fuse3",
            "Recommends: libisal2");
    assertThat(run("dpkg-deb -e $1 $2; cat $2/postinst $2/prerm $2/postrm", made(".deb"), place))
        .as("services are not enabled")
        .doesNotContain("systemctl enable", "deb-systemd-helper");
  }

  @Test
  void debianPackage_runsWhereItIsUnpacked() throws Exception {
    run("dpkg-deb -x $1 $2", made(".deb"), place);
    assertThat(runFrom(place.resolve("usr/bin"))).contains("lamina " + version());
  }

  @Test
  void tarball_runsWhereItIsUnpacked() throws Exception {
    run("tar -xzf $1 -C $2", made(".tar.gz"), place);
    Path home = place.resolve("lamina-" + version());
    assertThat(runFrom(home)).contains("lamina " + version());
    assertThat(home.resolve("man/man8/fuse-lamina.8")).exists();
    assertThat(run("tar -tvzf $1", made(".tar.gz")).lines())
        .allMatch(line -> line.contains("root/root") && line.contains("2025-01-01"));
  }

  /** The archives of classes that are made go with the test. */
  private String runFrom(Path bin) throws Exception {
    return run(
        "unset JAVA_TOOL_OPTIONS; export XDG_CACHE_HOME=$2/cache LAMINA_ROOT=$2/state"
            + " LAMINA_JVM_OPTS=-Xshare:off; mkdir -p $2/cache; $1/lamina --version;"
            + " $1/fuse-lamina --version; $1/lamina images",
        bin,
        place);
  }

  private static String version() throws IOException {
    String name = made(".tar.gz").getFileName().toString();
    return name.substring("lamina-".length(), name.length() - ".tar.gz".length());
  }
}

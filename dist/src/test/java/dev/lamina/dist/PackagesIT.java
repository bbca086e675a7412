package dev.lamina.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
    return run(List.of(), script, arguments);
  }

  /** By way of another program, {@code through}. */
  private static String run(List<String> through, String script, Object... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(through);
    command.addAll(List.of("sh", "-ec", script, "sh"));
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

  /** Names in a directory. */
  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void debianPackage_hasWhatIsPromised() throws Exception {
    String content = run("dpkg-deb -c $1", made(".deb"));
    assertThat(content)
        .contains(
            "./usr/bin/lamina -> ../share/lamina/lamina",
            "./usr/bin/fuse-lamina -> ../share/lamina/fuse-lamina",
            "./usr/sbin/mount.fuse3.fuse-lamina -> ../share/lamina/fuse-lamina",
            "./usr/sbin/mount.fuse.lamina -> ../share/lamina/fuse-lamina",
            "./usr/sbin/mount.lamina -> ../share/lamina/fuse-lamina",
            "./usr/share/lamina/native -> ../../lib/lamina",
            "./usr/share/lamina/lib/lamina-cli.jar",
            "./usr/share/lamina/launcher/mount-helper.sh",
            "./usr/lib/lamina/jni/",
            "./usr/share/man/man1/lamina.1.gz",
            "./usr/share/man/man1/lamina-mount.1.gz",
            "./usr/share/man/man8/fuse-lamina.8.gz",
            "./usr/share/man/man8/mount.lamina.8.gz -> fuse-lamina.8.gz",
            "./usr/share/bash-completion/completions/lamina",
            "./usr/lib/systemd/system/lamina-snapshotter.service",
            "./usr/lib/systemd/system/lamina-daemon.service",
            "./usr/share/doc/lamina/copyright",
            "./usr/share/doc/lamina/changelog.gz")
        .as("libraries of tests, and what fits one JVM alone")
        .doesNotContain("junit", "assertj", "test-fixtures", "slf4j-simple", ".jsa");
    assertThat(content.lines()).allMatch(line -> line.contains("root/root"));
    assertThat(content.lines()).as("one time of all").allMatch(line -> line.contains("2025-01-01"));
  }

  @Test
  void debianPackage_modesAreThoseOfTheirKind() throws Exception {
    assertThat(run("dpkg-deb -c $1", made(".deb")).lines())
        .allMatch(
            line -> {
              String expected =
                  switch (line.charAt(0)) {
                    case 'd' -> "drwxr-xr-x";
                    // Of links they mean nothing.
                    case 'l' -> line.substring(0, "lrwxrwxrwx".length());
                    default ->
                        line.endsWith("/share/lamina/lamina")
                                || line.endsWith("/share/lamina/fuse-lamina")
                            ? "-rwxr-xr-x"
                            : "-rw-r--r--";
                  };
              return line.startsWith(expected + " ");
            });
  }

  @Test
  void debianPackage_linksLeadToWhatItHas() throws Exception {
    run("dpkg-deb -x $1 $2", made(".deb"), place);
    try (Stream<Path> files = Files.walk(place)) {
      List<Path> links = files.filter(Files::isSymbolicLink).toList();
      assertThat(links).hasSize(9).allSatisfy(link -> assertThat(link.toRealPath()).exists());
    }
  }

  @Test
  void debianPackage_saysWhatItNeedsAndWhoseItIs() throws Exception {
    String fields = run("dpkg-deb -f $1", made(".deb"));
    assertThat(fields)
        .contains(
            "Package: lamina\n",
            "Version: " + version().replace("-SNAPSHOT", "~snapshot") + "\n",
            "Depends: default-jre-headless (>= 2:1.17) | java17-runtime-headless, fuse3",
            "Recommends: libisal2");
    run("dpkg-deb -x $1 $2/x; dpkg-deb -e $1 $2/control", made(".deb"), place);
    String maintainer = run("dpkg-deb -f $1 Maintainer", made(".deb")).strip();
    assertThat(run("zcat $1/x/usr/share/doc/lamina/changelog*.gz", place))
        .contains(" -- " + maintainer + "  ")
        .doesNotContain("[[");
    Path control = place.resolve("control");
    assertThat(names(control))
        .containsExactly("control", "md5sums", "postinst", "postrm", "prerm", "triggers");
    assertThat(run("cd $1/x; md5sum --check --quiet ../control/md5sums", place)).isEmpty();
    assertThat(run("for s in postinst prerm postrm; do sh -n $1/$s; cat $1/$s; done", control))
        .as("services are not enabled")
        .doesNotContain("systemctl enable", "deb-systemd-helper");
  }

  @Test
  void debianPackage_hasNativeLibrariesOfItsArchitectureAlone() throws Exception {
    run("dpkg-deb -x $1 $2", made(".deb"), place);
    String architecture = run("dpkg-deb -f $1 Architecture", made(".deb")).strip();
    // e_machine of elf(5): EM_AARCH64, EM_X86_64.
    byte machine = (byte) (architecture.equals("arm64") ? 183 : 62);
    try (Stream<Path> files = Files.walk(place.resolve("usr/lib/lamina"))) {
      List<Path> libraries = files.filter(file -> file.toString().endsWith(".so")).toList();
      assertThat(libraries)
          .hasSize(2)
          .allSatisfy(library -> assertThat(Files.readAllBytes(library)[18]).isEqualTo(machine));
    }
  }

  @Test
  void debianPackage_runsWhereItIsUnpacked() throws Exception {
    run("dpkg-deb -x $1 $2", made(".deb"), place);
    assertThat(runFrom(place.resolve("usr/bin"))).contains("lamina " + version());
  }

  @Test
  void tarball_runsWhereItIsUnpacked() throws Exception {
    Path home = unpackTarball();
    assertThat(runFrom(home)).contains("lamina " + version());
    assertThat(home.resolve("man/man8/fuse-lamina.8")).exists();
    assertThat(run("tar -tvzf $1", made(".tar.gz")).lines())
        .allMatch(line -> line.contains("root/root") && line.contains("2025-01-01"));
  }

  private Path unpackTarball() throws Exception {
    run("tar -xzf $1 -C $2", made(".tar.gz"), place);
    return place.resolve("lamina-" + version());
  }

  @Test
  void bothPackages_haveTheSame() throws Exception {
    Path tarball = unpackTarball();
    Path deb = place.resolve("deb");
    run("dpkg-deb -x $1 $2", made(".deb"), deb);
    Path share = deb.resolve("usr/share");
    for (String directory : List.of("lib", "launcher")) {
      assertThat(names(tarball.resolve(directory)))
          .isNotEmpty()
          .isEqualTo(names(share.resolve("lamina").resolve(directory)));
    }
    assertThat(share.resolve("lamina/build")).hasSameTextualContentAs(tarball.resolve("build"));
    assertThat(names(tarball.resolve("systemd")))
        .isEqualTo(names(deb.resolve("usr/lib/systemd/system")));
    for (String section : List.of("man1", "man8")) {
      Set<String> compressed =
          names(tarball.resolve("man").resolve(section)).stream()
              .map(page -> page + ".gz")
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(names(share.resolve("man").resolve(section))).containsAll(compressed);
    }
    assertThat(run("cd $1/launcher; for s in *.sh; do bash -n $s; done", tarball)).isEmpty();
  }

  /** A JVM takes no archive that was made for another class path, and none in its stead. */
  @Test
  void installations_ofOneBuild_haveClassArchivesOfTheirOwn() throws Exception {
    String name = "lamina-" + version() + "@";
    Path one = unpackTarball();
    Path other = Files.move(one, place.resolve("other"));
    unpackTarball();
    String output =
        runApart(
            "$1/lamina --version; $2/lamina --version; $1/lamina --version;"
                + " ls /var/cache/lamina $3/cache/lamina 2>/dev/null || true",
            one,
            other,
            place);
    assertThat(output.lines().filter(line -> line.endsWith(".jsa")))
        .hasSize(2)
        .anyMatch(archive -> archive.contains(name))
        .anyMatch(archive -> archive.contains("-other@"));
  }

  private String runFrom(Path bin) throws Exception {
    return runApart(
        "$1/lamina --version; $1/fuse-lamina --version; LAMINA_ROOT=$3/state $1/lamina images",
        bin,
        bin,
        place);
  }

  /** The archives of classes that are made, quick ones without content, go with the test. */
  private static String runApart(String script, Object... arguments) throws Exception {
    String prepared =
        "unset JAVA_TOOL_OPTIONS; export XDG_CACHE_HOME=$3/cache LAMINA_JVM_OPTS=-Xshare:off;"
            + " mkdir -p $3/cache; "
            + script;
    // Root's are there.
    return Files.isWritable(Path.of("/var/cache"))
        ? run(
            List.of("unshare", "--mount"),
            "mount -t tmpfs tmpfs /var/cache; " + prepared,
            arguments)
        : run(prepared, arguments);
  }

  private static String version() throws IOException {
    String name = made(".tar.gz").getFileName().toString();
    return name.substring("lamina-".length(), name.length() - ".tar.gz".length());
  }
}

package dev.lamina.cli;

import dev.lamina.cli.doctor.Examination;
import dev.lamina.cli.doctor.Finding;
import dev.lamina.cli.doctor.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina doctor}: what this host has for Lamina, tried. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Try what Lamina needs of this host, and say what each thing costs or gains.",
      "Nothing is left behind. Exit status 7 where nothing can be mounted, 1 where"
          + " something else is wrong."
    })
final class DoctorCommand implements Callable<Integer> {
  /** Beside state and name; with {@link #WIDTH} it fills a terminal of 100 columns. */
  private static final String INDENT = " ".repeat(29);

  private static final int WIDTH = 71;

  @ParentCommand private Lamina lamina;

  @Mixin private OutputFormat format = new OutputFormat();

  @Option(
      names = {"-q", "--quiet"},
      description = "only notes and problems")
  private boolean quiet;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR",
      description = "whose filesystem to try (default: that of the writable layers)")
  private Path given;

  @Override
  public Integer call() throws Exception {
    format.require();
    Path root = lamina.root().toAbsolutePath().normalize();
    Path place =
        given == null ? Examination.usualPlace(root) : lamina.invocation().path(given).normalize();
    if (!Files.isDirectory(place)) {
      throw new CommandFailure(ExitStatus.NOT_FOUND, place + " is not a directory");
    }
    Optional<Path> runtime = lamina.invocation().variable("LAMINA_RUNTIME_DIR").map(Path::of);
    List<Section> sections = new Examination(root, runtime, place).run();
    boolean mountable = sections.stream().noneMatch(Section::preventsMounts);
    boolean sound = sections.stream().noneMatch(Section::hasProblem);
    if (format.isJson()) {
      JsonOutput.print(json(sections, place, mountable));
    } else {
      sections.forEach(this::print);
      System.out.println(
          "Lamina can"
              + (mountable ? "" : "not")
              + " mount here"
              + (sound ? "." : ": see the problems."));
    }
    if (!mountable) {
      return ExitStatus.NO_FUSE;
    }
    return sound ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private void print(Section section) {
    List<Finding> shown =
        section.findings().stream()
            .filter(finding -> !quiet || finding.state() != Finding.State.OK)
            .toList();
    if (shown.isEmpty()) {
      return;
    }
    System.out.println(section.title());
    shown.forEach(DoctorCommand::print);
  }

  private static void print(Finding finding) {
    List<String> lines = wrap(finding.seen() + "; " + finding.effect());
    System.out.printf(
        Locale.ROOT, "  %-8s %-17s %s%n", word(finding.state()), finding.name(), lines.get(0));
    lines.stream().skip(1).forEach(line -> System.out.println(INDENT + line));
    // In one line: somebody will copy it.
    finding.remedy().ifPresent(remedy -> System.out.println(INDENT + "-> " + remedy));
  }

  private static List<String> wrap(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private static String word(Finding.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> json(List<Section> sections, Path place, boolean mountable) {
    List<Map<String, Object>> checks = new ArrayList<>();
    for (Section section : sections) {
      for (Finding finding : section.findings()) {
        Map<String, Object> check = new LinkedHashMap<>();
        check.put("section", section.title());
        check.put("name", finding.name());
        check.put("state", word(finding.state()));
        check.put("seen", finding.seen());
        check.put("effect", finding.effect());
        check.put("remedy", finding.remedy().orElse(null));
        checks.add(check);
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mountable", mountable);
    json.put("directory", place.toString());
    json.put("checks", checks);
    return json;
  }
}

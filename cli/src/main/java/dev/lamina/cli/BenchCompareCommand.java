package dev.lamina.cli;

import dev.lamina.benchmarks.report.Difference;
import dev.lamina.benchmarks.report.Report;
import dev.lamina.benchmarks.report.ReportFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina bench compare}: what changed between two runs. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compare the results of two runs, workload by workload and system by system.",
      "The ratio is the second's median to the first's; in brackets where it may be noise."
    })
final class BenchCompareCommand implements Callable<Integer> {
  @ParentCommand private BenchCommand bench;

  @Parameters(index = "0", paramLabel = "A.json", description = "results.json of the first run")
  private Path first;

  @Parameters(index = "1", paramLabel = "B.json", description = "results.json of the second run")
  private Path second;

  @Override
  public Integer call() throws Exception {
    Report one = ReportFiles.read(bench.path(first));
    Report other = ReportFiles.read(bench.path(second));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("workload", "system", "first", "second", "ratio"));
    for (Difference.Line line : Difference.of(one, other)) {
      rows.add(
          List.of(
              line.workload(),
              line.system(),
              BenchTable.figure(line.first()),
              BenchTable.figure(line.second()),
              BenchTable.ratio(line.ratio(), line.noise())));
    }
    if (rows.size() == 1) {
      throw new CommandFailure(
          ExitStatus.FAILED, first + " and " + second + " have no workload in common");
    }
    System.out.print(TextTable.format(rows));
    hosts(one, other);
    return ExitStatus.OK;
  }

  /** Figures of different hosts say something about the hosts. */
  private static void hosts(Report one, Report other) {
    say("kernel", one.host().kernel(), other.host().kernel());
    say("processors", one.host().cpu(), other.host().cpu());
    say("filesystem", one.host().fileSystem(), other.host().fileSystem());
    say("java", one.host().java(), other.host().java());
    say("lamina", one.host().lamina(), other.host().lamina());
  }

  private static void say(String what, String one, String other) {
    if (!one.equals(other)) {
      System.out.println("Not the same " + what + ": " + one + "; " + other);
    }
  }
}

package dev.lamina.cli;

import dev.lamina.store.Finding;
import dev.lamina.store.Verification;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lamina verify}: compares all that the store has with its digests. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Read every blob and every layer of the store and compare it with its digest.",
      "Exits with 4 if something is wrong and was not repaired."
    })
final class VerifyCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(
      names = "--repair",
      description = "unpack damaged layers again from blobs that are not, and remove damaged blobs")
  private boolean repair;

  @Mixin private OutputFormat format = new OutputFormat();

  @Override
  public Integer call() throws Exception {
    format.require();
    State state = lamina.state();
    Verification result = verify(state);
    if (format.isJson()) {
      JsonOutput.print(json(result));
    } else {
      print(result);
    }
    return result.isClean() ? ExitStatus.OK : ExitStatus.BAD_IMAGE;
  }

  private Verification verify(State state) throws IOException {
    try (StepLine line = new StepLine()) {
      Consumer<String> progress = what -> line.say("checking " + what.substring(0, 25));
      return repair
          ? state.store().repair(state.containers(), progress)
          : state.store().verify(progress);
    }
  }

  private static void print(Verification result) {
    for (Finding finding : result.findings()) {
      System.out.println(
          GcCommand.word(finding.kind())
              + " "
              + finding.digest()
              + ": "
              + finding.problem()
              + "; "
              + finding.outcome());
    }
    long open = result.findings().stream().filter(finding -> !finding.repaired()).count();
    System.out.println(
        result.layers()
            + " layers and "
            + result.blobs()
            + " blobs checked, "
            + result.findings().size()
            + " damaged, "
            + (result.findings().size() - open)
            + " repaired"
            + (result.unchecked() == 0
                ? ""
                : "; " + result.unchecked() + " layers have no recorded digest"));
  }

  private static Map<String, Object> json(Verification result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("layers", result.layers());
    json.put("blobs", result.blobs());
    json.put("unchecked", result.unchecked());
    json.put("findings", result.findings().stream().map(VerifyCommand::json).toList());
    return json;
  }

  private static Map<String, Object> json(Finding finding) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", GcCommand.word(finding.kind()));
    json.put("digest", finding.digest().toString());
    json.put("problem", finding.problem());
    json.put("repaired", finding.repaired());
    json.put("outcome", finding.outcome());
    return json;
  }
}

package dev.lamina.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;

/**
 * The commands of {@code lamina}, in the order of its help. Reading the annotations of all takes a
 * tenth of a second: where the words name one of them, that one alone is read.
 */
final class Subcommands {
  /** About all of them. */
  private static final Set<String> GENERAL = Set.of("-h", "--help", "-V", "--version");

  private static final Map<String, Class<?>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("unpack", UnpackCommand.class);
    ALL.put("pull", PullCommand.class);
    ALL.put("push", PushCommand.class);
    ALL.put("images", ImagesCommand.class);
    ALL.put("tag", TagCommand.class);
    ALL.put("untag", UntagCommand.class);
    ALL.put("rmi", RmiCommand.class);
    ALL.put("create", CreateCommand.class);
    ALL.put("mount", MountCommand.class);
    ALL.put("bundle", BundleCommand.class);
    ALL.put("run", RunCommand.class);
    ALL.put("umount", UmountCommand.class);
    ALL.put("ps", PsCommand.class);
    ALL.put("stats", StatsCommand.class);
    ALL.put("rm", RmCommand.class);
    ALL.put("daemon", DaemonCommand.class);
    ALL.put("diff", DiffCommand.class);
    ALL.put("commit", CommitCommand.class);
    ALL.put("save", SaveCommand.class);
    ALL.put("history", HistoryCommand.class);
    ALL.put("inspect", InspectCommand.class);
    ALL.put("layers", LayersCommand.class);
    ALL.put("ls", LsCommand.class);
    ALL.put("cat", CatCommand.class);
    ALL.put("export", ExportCommand.class);
    ALL.put("report", ReportCommand.class);
    ALL.put("gc", GcCommand.class);
    ALL.put("verify", VerifyCommand.class);
    ALL.put("system", SystemCommand.class);
    ALL.put("doctor", DoctorCommand.class);
    ALL.put("snapshotter", SnapshotterCommand.class);
    ALL.put("bench", BenchCommand.class);
    ALL.put("demo", DemoCommand.class);
    ALL.put("help", CommandLine.HelpCommand.class);
  }

  private Subcommands() {}

  /** The command line that {@code words} need; it is not run yet. */
  static CommandLine line(Lamina lamina, String... words) {
    CommandLine line = CommandLines.of(lamina);
    String name = named(words);
    if (name == null || name.equals("help")) {
      ALL.forEach(line::addSubcommand);
    } else {
      line.addSubcommand(name, ALL.get(name));
    }
    // After the image come the words of another program, its options too.
    Map<String, CommandLine> added = line.getSubcommands();
    for (String other : List.of("bundle", "run")) {
      if (added.containsKey(other)) {
        added.get(other).setStopAtPositional(true);
      }
    }
    // What was added later than the handlers has none yet.
    return CommandLines.reporting(line);
  }

  /** The command that the first word names which is no option; null where that is none. */
  private static String named(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (words[i].equals("--root") || words[i].equals("--log-level")) {
        i++;
      } else if (GENERAL.contains(words[i])) {
        return null;
      } else if (!words[i].startsWith("-")) {
        return ALL.containsKey(words[i]) ? words[i] : null;
      }
    }
    return null;
  }
}

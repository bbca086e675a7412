package dev.lamina.cli;

import dev.lamina.cli.daemon.Conversation;
import dev.lamina.cli.daemon.Daemon;
import dev.lamina.cli.daemon.Reply;
import dev.lamina.cli.daemon.Request;
import java.util.Set;
import picocli.CommandLine;

/** What the daemon does for its clients: mount and unmount, by the commands' own code. */
final class DaemonCalls implements Daemon.Commands {
  private static final Set<String> COMMANDS = Set.of("mount", "umount");

  @Override
  public int run(Request request, Conversation conversation) {
    Invocation invocation = Invocation.of(request, conversation);
    String[] words = request.words().toArray(new String[0]);
    CommandLine line =
        switch (request.program()) {
          case "fuse-lamina" -> CommandLines.of(new FuseLamina(invocation).spec());
          case "lamina" ->
              Subcommands.line(new Lamina(invocation), words)
                  .setExecutionStrategy(DaemonCalls::execute);
          default -> null;
        };
    return line == null ? Reply.DECLINED : line.execute(words);
  }

  private static int execute(CommandLine.ParseResult parsed) {
    return parsed.hasSubcommand() && COMMANDS.contains(parsed.subcommand().commandSpec().name())
        ? new CommandLine.RunLast().execute(parsed)
        : Reply.DECLINED;
  }
}

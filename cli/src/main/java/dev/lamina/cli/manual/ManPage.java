package dev.lamina.cli.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual page of one command: all that its help says, in the form of man(7). What help has no
 * room for is added as it is.
 */
public final class ManPage {
  private static final int WIDE = 10_000;

  private final CommandSpec command;
  private final int section;
  private final String date;
  private final String version;

  /**
   * A page.
   *
   * @param section of the manual: 1 for users, 8 for administrators
   * @param date of the build
   */
  public ManPage(CommandSpec command, int section, String date, String version) {
    this.command = command;
    this.section = section;
    this.date = date;
    this.version = version;
  }

  /** Such as {@code lamina-mount.1}. */
  public String fileName() {
    return name() + "." + section;
  }

  private String name() {
    return command.qualifiedName("-");
  }

  /**
   * The page.
   *
   * @param more sections in man(7)'s language, before the last one
   * @param related pages that the last section names, such as {@code lamina(1)}
   */
  public String render(String more, List<String> related) {
    List<String> description = Arrays.asList(command.usageMessage().description());
    Troff page = new Troff().title(name(), section, date, "Lamina " + version);
    page.section("NAME");
    page.raw(Troff.escape(name()) + " \\- " + Troff.escape(brief(description)) + "\n");
    page.section("SYNOPSIS");
    page.words(synopsis());
    page.section("DESCRIPTION");
    page.words(plain(description.get(0)));
    description.stream().skip(1).forEach(text -> page.paragraph(plain(text)));
    arguments(page);
    options(page);
    commands(page);
    page.raw(more);
    page.section("SEE ALSO");
    page.words(String.join(", ", related));
    return page.toString();
  }

  /** As others begin it: without a capital and without a full stop. */
  private static String brief(List<String> description) {
    String first = plain(description.get(0)).split("\\. ", 2)[0];
    String text = first.replaceAll("[.;:]$", "");
    boolean isWord = text.length() > 1 && Character.isLowerCase(text.charAt(1));
    return isWord ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1) : text;
  }

  private String synopsis() {
    CommandLine.Help help = new CommandLine.Help(command, plainColors());
    command.usageMessage().width(WIDE);
    return help.synopsis(0);
  }

  private static CommandLine.Help.ColorScheme plainColors() {
    return CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF);
  }

  private void arguments(Troff page) {
    List<PositionalParamSpec> shown =
        command.positionalParameters().stream().filter(p -> !p.hidden()).toList();
    if (!shown.isEmpty()) {
      page.section("ARGUMENTS");
      shown.forEach(argument -> page.item(argument.paramLabel(), meaning(argument)));
    }
  }

  private void options(Troff page) {
    List<OptionSpec> shown = command.options().stream().filter(o -> !o.hidden()).toList();
    if (!shown.isEmpty()) {
      page.section("OPTIONS");
      shown.forEach(option -> page.item(term(option), meaning(option)));
    }
  }

  private static String term(OptionSpec option) {
    List<String> names = new ArrayList<>(Arrays.asList(option.names()));
    String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    boolean optional = option.arity().min() == 0 && !value.isEmpty();
    return String.join(", ", names) + (optional ? "[=" + option.paramLabel() + "]" : value);
  }

  private void commands(Troff page) {
    if (command.subcommands().isEmpty()) {
      return;
    }
    page.section("COMMANDS");
    command
        .subcommands()
        .forEach(
            (name, line) -> {
              List<String> texts =
                  Arrays.asList(line.getCommandSpec().usageMessage().description());
              page.item(name, texts.isEmpty() ? "" : plain(texts.get(0)));
            });
  }

  private static String meaning(ArgSpec argument) {
    return plain(String.join(" ", argument.description()));
  }

  /** What picocli makes of it in help: "%n" and doubled signs are its own. */
  private static String plain(String text) {
    return text.replace("%n", " ")
        .replace("%%", "%")
        .replace("$$", "$")
        .replaceAll("@\\|\\w+ (.*?)\\|@", "$1");
  }
}

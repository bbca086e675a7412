package dev.lamina.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Changes of how an image is run, in the words of a Dockerfile, as {@code podman commit --change}
 * takes them: {@code CMD}, {@code ENTRYPOINT}, {@code ENV}, {@code EXPOSE}, {@code LABEL}, {@code
 * STOPSIGNAL}, {@code USER}, {@code VOLUME}, {@code WORKDIR}.
 */
public final class ConfigChanges {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Splitter SPACES = Splitter.onPattern("\\s+");

  private final List<String[]> instructions = new ArrayList<>();

  /**
   * Adds one instruction.
   *
   * @throws IllegalArgumentException in words for people, where it is none of these
   */
  public ConfigChanges add(String instruction) {
    String[] words = instruction.strip().split("\\s+", 2);
    words[0] = words[0].toUpperCase(Locale.ROOT);
    if (words.length < 2 || words[1].isBlank()) {
      throw new IllegalArgumentException("\"" + instruction + "\" says nothing to change");
    }
    apply(JSON.createObjectNode(), words);
    instructions.add(words);
    return this;
  }

  /** Applies all of them to the object {@code config} of an image's configuration. */
  void applyTo(ObjectNode config) {
    instructions.forEach(words -> apply(config, words));
  }

  private static void apply(ObjectNode config, String[] words) {
    String value = words[1];
    switch (words[0]) {
      case "CMD" -> config.set("Cmd", command(value));
      case "ENTRYPOINT" -> {
        config.set("Entrypoint", command(value));
        // As a Dockerfile has it: arguments of another program mean nothing to this one.
        config.remove("Cmd");
      }
      case "ENV" -> pairs(value).forEach(pair -> setVariable(config, pair[0], pair[1]));
      case "LABEL" -> pairs(value).forEach(pair -> object(config, "Labels").put(pair[0], pair[1]));
      case "EXPOSE" -> {
        for (String port : SPACES.split(value)) {
          object(config, "ExposedPorts").putObject(port.contains("/") ? port : port + "/tcp");
        }
      }
      case "VOLUME" -> list(value).forEach(path -> object(config, "Volumes").putObject(path));
      case "USER" -> config.put("User", value);
      case "WORKDIR" -> config.put("WorkingDir", value);
      case "STOPSIGNAL" -> config.put("StopSignal", value);
      default ->
          throw new IllegalArgumentException(
              "\""
                  + words[0]
                  + "\" cannot be changed: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL,"
                  + " STOPSIGNAL, USER, VOLUME and WORKDIR can");
    }
  }

  private static ObjectNode object(ObjectNode config, String name) {
    return config.get(name) instanceof ObjectNode object ? object : config.putObject(name);
  }

  /** {@code ["a", "b"]}, or a line for the shell. */
  private static ArrayNode command(String value) {
    ArrayNode array = jsonArray(value);
    return array != null ? array : JSON.createArrayNode().add("/bin/sh").add("-c").add(value);
  }

  private static List<String> list(String value) {
    ArrayNode array = jsonArray(value);
    if (array == null) {
      return SPACES.splitToList(value);
    }
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  /** Null where {@code value} is no JSON array of strings. */
  private static ArrayNode jsonArray(String value) {
    if (!value.startsWith("[")) {
      return null;
    }
    try {
      JsonNode node = JSON.readTree(value);
      for (JsonNode text : node) {
        if (!text.isTextual()) {
          return null;
        }
      }
      return node instanceof ArrayNode array ? array : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static void setVariable(ObjectNode config, String name, String value) {
    ArrayNode old = config.get("Env") instanceof ArrayNode env ? env : JSON.createArrayNode();
    ArrayNode changed = JSON.createArrayNode();
    boolean found = false;
    for (JsonNode variable : old) {
      boolean same = variable.textValue().startsWith(name + "=");
      changed.add(same ? name + "=" + value : variable.textValue());
      found |= same;
    }
    config.set("Env", found ? changed : changed.add(name + "=" + value));
  }

  /** {@code K=V K="V V"}, or {@code K V}. */
  private static List<String[]> pairs(String value) {
    List<String[]> pairs = new ArrayList<>();
    for (String word : words(value)) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        String[] two = value.split("\\s+", 2);
        if (pairs.isEmpty() && two.length == 2 && !two[0].contains("=")) {
          return List.<String[]>of(two);
        }
        throw new IllegalArgumentException("\"" + word + "\" is no NAME=VALUE");
      }
      pairs.add(new String[] {word.substring(0, equals), word.substring(equals + 1)});
    }
    return pairs;
  }

  /** Splits at spaces that no quotation marks are around, and takes those away. */
  private static List<String> words(String value) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i <= value.length(); i++) {
      char c = i < value.length() ? value.charAt(i) : ' ';
      boolean end = quote == 0 || i == value.length();
      if (end && Character.isWhitespace(c)) {
        if (word.length() > 0) {
          words.add(word.toString());
        }
        word.setLength(0);
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else {
        word.append(c);
      }
    }
    return words;
  }
}

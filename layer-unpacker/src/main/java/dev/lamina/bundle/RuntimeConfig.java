package dev.lamina.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code config.json} of a bundle whose root filesystem is {@code rootfs} beside it: the image's
 * configuration as conversion.md of the image specification maps it, and for the rest what docker
 * and podman give a container (namespaces, mounts, capabilities, what of /proc is hidden).
 */
public final class RuntimeConfig {
  /** Of runtime-spec; runc 1.0 and crun read it. */
  private static final String VERSION = "1.0.2";

  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ImageConfig image;
  private final Map<String, Object> config;
  private final RunOptions options;

  /** For a container of {@code image}, run as {@code options} say. */
  public RuntimeConfig(ImageConfig image, RunOptions options) {
    this.image = image;
    this.config = image.config() == null ? Map.of() : image.config();
    this.options = options;
  }

  /** {@code USER[:GROUP]} that the process is to run as; empty is root. */
  public String user() {
    return options.user() != null ? options.user() : text("User");
  }

  /**
   * The document.
   *
   * @param user what {@link #user} means in the container
   * @throws ImageException UNSUPPORTED where there is no command
   */
  public byte[] write(ProcessUser user) throws ImageException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("ociVersion", VERSION);
    document.put("process", process(user));
    document.put("root", Map.of("path", "rootfs", "readonly", options.readOnly()));
    document.put("hostname", options.hostname());
    document.put("mounts", Isolation.mounts());
    document.put("annotations", annotations());
    document.put("linux", Isolation.linux(options.hostNetwork()));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, lists and strings can be written", e);
    }
  }

  private Map<String, Object> process(ProcessUser user) throws ImageException {
    Map<String, Object> who = new LinkedHashMap<>();
    who.put("uid", user.uid());
    who.put("gid", user.gid());
    who.put("additionalGids", user.groups());
    Map<String, Object> process = new LinkedHashMap<>();
    process.put("terminal", options.terminal());
    process.put("user", who);
    process.put("args", arguments());
    process.put("env", environment(user));
    process.put("cwd", directory());
    process.put("capabilities", Isolation.capabilities(user.uid() == 0));
    return process;
  }

  private List<String> arguments() throws ImageException {
    List<String> arguments = new ArrayList<>();
    if (options.entrypoint() != null) {
      if (!options.entrypoint().isEmpty()) {
        arguments.add(options.entrypoint());
      }
      arguments.addAll(options.command());
    } else {
      arguments.addAll(list("Entrypoint"));
      arguments.addAll(options.command().isEmpty() ? list("Cmd") : options.command());
    }
    if (arguments.isEmpty()) {
      throw new ImageException(
          ImageException.Kind.UNSUPPORTED, "the image has no command, and none was given");
    }
    return arguments;
  }

  private List<String> environment(ProcessUser user) {
    Map<String, String> variables = new LinkedHashMap<>();
    put(variables, PATH);
    if (options.terminal()) {
      put(variables, "TERM=xterm");
    }
    put(variables, "HOSTNAME=" + options.hostname());
    put(variables, "HOME=" + user.home());
    list("Env").forEach(variable -> put(variables, variable));
    options.environment().forEach(variable -> put(variables, variable));
    return List.copyOf(variables.values());
  }

  private static void put(Map<String, String> variables, String variable) {
    int equals = variable.indexOf('=');
    variables.put(equals < 0 ? variable : variable.substring(0, equals), variable);
  }

  private String directory() {
    String directory = options.directory() != null ? options.directory() : text("WorkingDir");
    return directory.startsWith("/") ? directory : "/" + directory;
  }

  /** As conversion.md names them; labels of the image go last, so that they count. */
  private Map<String, String> annotations() {
    Map<String, String> annotations = new LinkedHashMap<>();
    String prefix = "org.opencontainers.image.";
    putIfAny(annotations, prefix + "os", image.os());
    putIfAny(annotations, prefix + "architecture", image.architecture());
    putIfAny(annotations, prefix + "variant", image.variant());
    putIfAny(annotations, prefix + "created", image.created());
    putIfAny(annotations, prefix + "stopSignal", text("StopSignal"));
    if (config.get("ExposedPorts") instanceof Map<?, ?> ports) {
      putIfAny(annotations, prefix + "exposedPorts", joined(ports));
    }
    if (config.get("Labels") instanceof Map<?, ?> labels) {
      labels.forEach((name, value) -> annotations.put(name.toString(), String.valueOf(value)));
    }
    return annotations;
  }

  private static String joined(Map<?, ?> ports) {
    return String.join(",", ports.keySet().stream().map(Object::toString).sorted().toList());
  }

  private static void putIfAny(Map<String, String> annotations, String name, String value) {
    if (value != null && !value.isEmpty()) {
      annotations.put(name, value);
    }
  }

  private String text(String key) {
    return config.get(key) instanceof String text ? text : "";
  }

  private List<String> list(String key) {
    return config.get(key) instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of();
  }
}

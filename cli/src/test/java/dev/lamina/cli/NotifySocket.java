package dev.lamina.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What systemd is to a service of {@code Type=notify}. */
final class NotifySocket {
  private static final String RECEIVER =
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind(sys.argv[1])
      s.settimeout(200)
      print(s.recv(4096).decode())
      """;

  private final Path path;
  private final ChildProcess receiver;

  private NotifySocket(Path path, ChildProcess receiver) {
    this.path = path;
    this.receiver = receiver;
  }

  /** Waits for one message at {@code path}, for some minutes. */
  static NotifySocket at(Path path) throws Exception {
    ChildProcess receiver =
        ChildProcess.start(List.of("python3", "-c", RECEIVER, path.toString()), Map.of());
    StateDirectory.await("somebody listens", () -> !receiver.isRunning() || Files.exists(path));
    return new NotifySocket(path, receiver);
  }

  /** What the service is to find in NOTIFY_SOCKET. */
  Path path() {
    return path;
  }

  /** The message, once it has come. */
  String message() throws Exception {
    String message = receiver.await().succeeds().line();
    Files.delete(path);
    return message;
  }
}

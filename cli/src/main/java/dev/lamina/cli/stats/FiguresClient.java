package dev.lamina.cli.stats;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks servers for their figures. Waits for none longer than it was told to. */
public final class FiguresClient {
  private static final int BUFFER = 1 << 16;

  private final Path directory;
  private final Duration patience;

  /**
   * Asks those that have their sockets in {@code directory}.
   *
   * @param patience how long each may take
   */
  public FiguresClient(Path directory, Duration patience) {
    this.directory = directory;
    this.patience = patience;
  }

  /** What asking one server came to; its figures are there unless it does not answer. */
  public record Answer(Path socket, Optional<Figures> figures) {}

  /**
   * The server of the mount with device number {@code device}; empty where there is none that gives
   * figures, or none any more.
   */
  public Optional<Answer> ofDevice(String device) throws IOException {
    return ask(FiguresSocket.of(directory, device)).stream().findFirst();
  }

  /** All servers that live. */
  public List<Answer> all() throws IOException {
    return ask(FiguresSocket.all(directory));
  }

  private List<Answer> ask(List<Path> sockets) throws IOException {
    List<Answer> answers = new ArrayList<>();
    for (Path socket : sockets) {
      try {
        answers.add(new Answer(socket, figures(socket)));
      } catch (ConnectException e) {
        // Its server was killed.
        Files.deleteIfExists(socket);
      } catch (SocketException e) {
        // It was unmounted meanwhile: the socket is gone, or its connection.
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
          answers.add(new Answer(socket, Optional.empty()));
        }
      }
    }
    return answers;
  }

  /** Empty where the server does not answer in time, or not sensibly. */
  private Optional<Figures> figures(Path socket) throws IOException {
    FutureTask<String> reading = new FutureTask<>(() -> read(socket));
    Thread thread = new Thread(reading, "lamina-asks");
    thread.setDaemon(true);
    thread.start();
    try {
      String text = reading.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return Optional.of(FiguresLines.read(text));
    } catch (TimeoutException | IllegalArgumentException e) {
      reading.cancel(true);
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException().initCause(e);
    }
  }

  private static String read(Path socket) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (channel.read(buffer) >= 0) {
        if (!buffer.hasRemaining()) {
          buffer = ByteBuffer.allocate(2 * buffer.capacity()).put(buffer.flip());
        }
      }
      return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    } catch (ClosedByInterruptException e) {
      return "";
    }
  }
}

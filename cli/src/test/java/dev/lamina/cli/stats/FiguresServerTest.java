package dev.lamina.cli.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.overlay.OverlayMetrics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Sockets of figures, by clients and by those that follow a killed server. */
@Isolated
@Timeout(120)
class FiguresServerTest {
  private static final String DEVICE = "0:57";
  private static final Figures FIGURES =
      new Figures(
          "/mnt",
          4711,
          Figures.Carrier.DEV_FUSE,
          1,
          new MountMetrics(Map.of(), Map.of(), Map.of(), List.of()),
          new OverlayMetrics(
              0,
              Map.of(),
              0,
              0,
              0,
              new OverlayMetrics.Names(0, 0, 0),
              new OverlayMetrics.Cache(0, 0),
              new OverlayMetrics.Cache(0, 0),
              0));

  @TempDir private Path directory;

  private FiguresClient client() {
    return new FiguresClient(directory, Duration.ofSeconds(60));
  }

  private FiguresServer start(Supplier<Figures> figures) throws IOException {
    return FiguresServer.start(directory, DEVICE, figures);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void server_answersUnderItsName_andLeavesNothing() throws Exception {
    try (FiguresServer server = start(() -> FIGURES)) {
      assertThat(server).isNotNull();
      assertThat(client().ofDevice(DEVICE).orElseThrow().figures()).contains(FIGURES);
      assertThat(names()).singleElement().asString().matches("mount-57\\..*\\.sock");
    }
    assertThat(names()).isEmpty();
  }

  /** As it is between bind(2) and listen(2). */
  @Test
  void clientOfASocketThatNobodyListensToYet_doesNotDeleteIt() throws Exception {
    Path unheard = FiguresSocket.unheard(FiguresSocket.fresh(directory, DEVICE));
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(unheard));
    }
    assertThat(client().ofDevice(DEVICE)).isEmpty();
    assertThat(client().all()).isEmpty();
    assertThat(unheard).exists();
    try (FiguresServer server = start(() -> FIGURES)) {
      assertThat(server).isNotNull();
      assertThat(unheard).as("what a killed server of the same number left").doesNotExist();
    }
  }

  @Test
  void failure_evenToTellOfIt_isOverWithTheNextClient() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    PrintStream usual = System.err;
    System.setErr(
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
          @Override
          public void print(String text) {
            throw new NoClassDefFoundError("a class of the logger");
          }

          @Override
          public void println(String text) {
            throw new NoClassDefFoundError("a class of the logger");
          }
        });
    Supplier<Figures> broken =
        () -> {
          if (asked.incrementAndGet() <= 2) {
            throw new NoClassDefFoundError("a class of figures");
          }
          return FIGURES;
        };
    try (FiguresServer server = start(broken)) {
      assertThat(server).isNotNull();
      while (client().ofDevice(DEVICE).orElseThrow().figures().isEmpty()) {
        assertThat(asked).hasValueLessThan(4);
      }
    } finally {
      System.setErr(usual);
    }
  }
}

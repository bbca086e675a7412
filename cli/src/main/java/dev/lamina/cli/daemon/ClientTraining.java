package dev.lamina.cli.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs once after a build, for the client's class-data-sharing archive: lets it ask a daemon that
 * has one answer only.
 */
final class ClientTraining {
  private ClientTraining() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("lamina-training");
    Path classpath = directory.resolve("classpath");
    Rendezvous rendezvous = Rendezvous.in(directory);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Files.createFile(classpath);
      server.bind(UnixDomainSocketAddress.of(rendezvous.socket()));
      Thread daemon = new Thread(() -> answerOne(server));
      daemon.start();
      Client.run(new String[] {directory.toString(), directory.toString(), "lamina", "mount"});
      daemon.join();
    } finally {
      Files.deleteIfExists(rendezvous.socket());
      Files.deleteIfExists(classpath);
      Files.delete(directory);
    }
  }

  private static void answerOne(ServerSocketChannel server) {
    try (SocketChannel client = server.accept()) {
      client.read(ByteBuffer.allocate(Request.MOST_BYTES));
      byte[] text = new byte[] {'\n'};
      client.write(ByteBuffer.wrap(new Reply(0, text, text).encode()));
    } catch (IOException e) {
      System.err.println("no training: " + e.getMessage());
    }
  }
}

package dev.lamina.cli.daemon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Hands a command line to the daemon and ends as the command ended, or with {@link Reply#DECLINED}
 * or {@link Reply#ABSENT} where no daemon takes it, upon which the launcher serves without one, or
 * starts one. It runs where there is no perl, in which {@code client.pl} does the same in a tenth
 * of the time.
 *
 * <p>Its start is most of what a mount then costs: so no lambdas, no string concatenation by {@code
 * invokedynamic} and no classes that it can do without.
 */
public final class Client {
  private static final int BUFFER = 8192;

  private Client() {}

  /** Arguments: the daemons' directory, the directory of the jars, the program, its words. */
  public static void main(String[] args) throws IOException {
    System.exit(run(args));
  }

  /** As {@link #main}; the exit status. */
  static int run(String[] args) throws IOException {
    Rendezvous rendezvous = Rendezvous.in(Path.of(args[0]));
    Request request =
        new Request(
            Build.in(Path.of(args[1])),
            args[2],
            System.getProperty("user.dir"),
            variables(),
            List.of(args).subList(3, args.length));
    Reply reply = ask(rendezvous, request);
    if (reply == null) {
      return Reply.ABSENT;
    }
    System.err.write(reply.err(), 0, reply.err().length);
    System.err.flush();
    System.out.write(reply.out(), 0, reply.out().length);
    System.out.flush();
    return reply.status();
  }

  private static List<String> variables() {
    List<String> variables = new ArrayList<>();
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      String name = variable.getKey();
      if (name.startsWith("LAMINA_") || name.equals("XDG_DATA_HOME")) {
        variables.add(name.concat("=").concat(variable.getValue()));
      }
    }
    return variables;
  }

  /** The reply; null where there is no daemon, or one that ends and had no time for this. */
  private static Reply ask(Rendezvous rendezvous, Request request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      try {
        channel.connect(UnixDomainSocketAddress.of(rendezvous.socket()));
      } catch (IOException e) {
        return null;
      }
      ByteArrayOutputStream reply = new ByteArrayOutputStream();
      try {
        ByteBuffer encoded = request.encode();
        while (encoded.hasRemaining()) {
          channel.write(encoded);
        }
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (channel.read(buffer) >= 0) {
          reply.write(buffer.array(), 0, buffer.position());
          buffer.clear();
        }
      } catch (IOException e) {
        // A daemon that ends resets connections that it has not accepted.
      }
      return Reply.decode(reply.toByteArray());
    }
  }
}

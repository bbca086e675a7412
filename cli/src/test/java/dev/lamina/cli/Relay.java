package dev.lamina.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Passes connections on to a server and stops in the middle of a transfer: after so many bytes it
 * passes on nothing more, and no connection ends or is made, until the test goes on. Whatever
 * becomes of the server meanwhile, its client notices nothing before that.
 */
final class Relay implements Closeable {
  private static final int PIECE = 16 << 10;

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final AtomicLong left;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private Relay(ServerSocket listener, InetSocketAddress target, long bytes) {
    this.listener = listener;
    this.target = target;
    this.left = new AtomicLong(bytes);
  }

  /** Listens, and stops after {@code bytes} of all connections in both directions together. */
  static Relay to(InetSocketAddress target, long bytes) throws IOException {
    ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Relay relay = new Relay(listener, target, bytes);
    relay.run("relay", relay::accept);
    return relay;
  }

  String host() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  private boolean isInTheMiddle() {
    return reached.getCount() == 0;
  }

  /** Waits until so many bytes have passed. */
  void awaitMiddle() throws InterruptedException {
    reached.await();
  }

  /** Cuts all connections; later ones pass everything on. */
  void goOn() throws IOException {
    left.set(Long.MAX_VALUE);
    released.countDown();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void run(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // A connection ended, as they do here.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      sockets.add(client);
      Socket server = new Socket();
      sockets.add(server);
      run("relay there", () -> connect(client, server));
    }
  }

  private void connect(Socket client, Socket server) throws IOException, InterruptedException {
    if (isInTheMiddle()) {
      released.await();
    }
    try {
      server.connect(target);
    } catch (IOException e) {
      client.close();
      throw e;
    }
    run("relay back", () -> pass(server, client));
    pass(client, server);
  }

  private void pass(Socket from, Socket to) throws IOException, InterruptedException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] piece = new byte[PIECE];
      for (int got = read(in, piece); got >= 0; got = read(in, piece)) {
        if (left.addAndGet(-got) < 0) {
          reached.countDown();
          released.await();
          return;
        }
        out.write(piece, 0, got);
        out.flush();
      }
    }
  }

  /** As the stream does, but that it ends when the test goes on. */
  private int read(InputStream in, byte[] piece) throws IOException, InterruptedException {
    int got = -1;
    try {
      got = in.read(piece);
    } finally {
      if (got < 0 && isInTheMiddle()) {
        released.await();
      }
    }
    return got;
  }

  @Override
  public void close() throws IOException {
    goOn();
    listener.close();
  }
}

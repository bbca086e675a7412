package dev.lamina.snapshot.grpc;

import dev.lamina.snapshot.Snapshots;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Serves snapshots on a unix socket that its owner alone can connect to. Thread-safe. */
public final class SnapshotServer implements Closeable {
  /** Most wait for the disk. */
  private static final int THREADS = 32;

  private static final Duration IDLE = Duration.ofSeconds(30);

  /** For calls that are under way: the largest removals go on at the next start. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final SocketPlace place;
  private final Server server;
  private final EventLoopGroup loop;
  private final ExecutorService executor;

  private SnapshotServer(
      SocketPlace place, Server server, EventLoopGroup loop, ExecutorService executor) {
    this.place = place;
    this.server = server;
    this.loop = loop;
    this.executor = executor;
  }

  /**
   * Begins to serve.
   *
   * @param address the socket: one that nobody listens to any more is replaced
   * @throws IOException where somebody listens there, or the directory is open to others
   */
  public static SnapshotServer start(Snapshots snapshots, Path address) throws IOException {
    SocketPlace place = SocketPlace.at(address);
    // The JDK's own unix sockets: no native library, and none faster for a call per second.
    EventLoopGroup loop = new NioEventLoopGroup(1, new DefaultThreadFactory("lamina-grpc", true));
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("lamina-snapshots", true));
    executor.allowCoreThreadTimeOut(true);
    Server server =
        NettyServerBuilder.forAddress(place.address())
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .executor(executor)
            .addService(new SnapshotService(snapshots))
            .build();
    SnapshotServer started = new SnapshotServer(place, server, loop, executor);
    boolean done = false;
    try {
      server.start();
      place.publish();
      done = true;
      return started;
    } finally {
      if (!done) {
        started.close();
      }
    }
  }

  /** Waits for {@link #close}. */
  public void awaitEnd() throws InterruptedException {
    server.awaitTermination();
  }

  /** Takes no more calls, lets those under way end, and takes the socket away. Idempotent. */
  @Override
  public void close() throws IOException {
    try {
      place.withdraw();
    } finally {
      server.shutdown();
      boolean interrupted = Thread.interrupted();
      try {
        if (!server.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          server.shutdownNow();
        }
      } catch (InterruptedException e) {
        interrupted = true;
        server.shutdownNow();
      }
      executor.shutdownNow();
      var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package dev.lamina.cli.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.cli.log.LogLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * One command line that the daemon runs, and what it says: to its caller until he has his reply,
 * then, with time and mount point in front, to the daemon's log. It is never the caller who is
 * waited for: he gets all at once.
 *
 * <p>The thread of the command and all that it starts speak in it, through {@code System.out} and
 * {@code System.err}: so commands, and loggers, need not know where they run. Thread-safe.
 */
public final class Conversation {
  private static final InheritableThreadLocal<Conversation> OF_THREAD =
      new InheritableThreadLocal<>();

  /** More than that is not for people. */
  private static final int MOST_KEPT = 1 << 20;

  private final Sender sender;
  private final OutputStream log;

  @GuardedBy("this")
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @GuardedBy("this")
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** What is said once the caller was let go. */
  @GuardedBy("this")
  private LogLines later;

  /** Takes the reply to the caller. */
  interface Sender {
    void send(Reply reply) throws IOException;
  }

  Conversation(Sender sender, OutputStream log) {
    this.sender = sender;
    this.log = log;
  }

  /** From now on the calling thread, and each that it starts, speaks in this conversation. */
  void enter() {
    OF_THREAD.set(this);
  }

  /**
   * Lets the caller go: his command has done all that he waits for, and goes on as {@code mount}.
   *
   * @throws IOException if he has gone already
   */
  public void release(String mount) throws IOException {
    Reply reply;
    synchronized (this) {
      reply = replyWithLock(0);
      later = new LogLines(log, mount);
    }
    sender.send(reply);
  }

  /** The command has ended; tells the caller, unless he was let go before. */
  void end(int status) throws IOException {
    Reply reply;
    synchronized (this) {
      if (later != null) {
        return;
      }
      reply = replyWithLock(status);
    }
    sender.send(reply);
  }

  @GuardedBy("this")
  private Reply replyWithLock(int status) {
    Reply reply = new Reply(status, out.toByteArray(), err.toByteArray());
    out.reset();
    err.reset();
    return reply;
  }

  private synchronized void say(boolean error, byte[] bytes, int from, int count) {
    if (later == null) {
      ByteArrayOutputStream kept = error ? err : out;
      kept.write(bytes, from, Math.min(count, MOST_KEPT - Math.min(MOST_KEPT, kept.size())));
      return;
    }
    later.write(bytes, from, count);
  }

  /** Makes {@code System.out} and {@code System.err} those of each thread's conversation. */
  static void replaceStandardStreams(OutputStream log) {
    System.setOut(new PrintStream(new Voice(false, log), true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(new Voice(true, log), true, StandardCharsets.UTF_8));
  }

  /**
   * One of the two standard streams of all threads. It never fails: nobody's write is another's.
   */
  private static final class Voice extends OutputStream {
    private final boolean error;
    private final OutputStream log;

    Voice(boolean error, OutputStream log) {
      this.error = error;
      this.log = log;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      Conversation conversation = OF_THREAD.get();
      if (conversation != null) {
        conversation.say(error, bytes, from, count);
        return;
      }
      try {
        log.write(bytes, from, count);
      } catch (IOException e) {
        // As above.
      }
    }
  }
}

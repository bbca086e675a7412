package dev.lamina.fuse.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fuse.metrics.Meters;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the dispatcher answers and gives back, whatever carries its requests. */
class DispatcherTest {
  /** What a test's filesystem does in place of all its methods. */
  private interface Behavior {
    Object call(String method, Object[] arguments) throws Exception;
  }

  private final NativeMemory request = NativeMemory.allocate(4096);
  private final NativeMemory reply = NativeMemory.allocate(4096);
  private final Reply written = new Reply().reset(reply);
  private final List<String> calls = new ArrayList<>();
  private Behavior behavior = (method, arguments) -> null;

  private final InodeFileSystem fileSystem =
      (InodeFileSystem)
          Proxy.newProxyInstance(
              InodeFileSystem.class.getClassLoader(),
              new Class<?>[] {InodeFileSystem.class},
              (proxy, method, arguments) -> {
                if (List.of("forget", "release").contains(method.getName())) {
                  calls.add(method.getName() + " " + arguments[0]);
                }
                if (method.getName().equals("requestFailed")) {
                  calls.add("failed " + arguments[0] + " " + arguments[2]);
                  return null;
                }
                return behavior.call(method.getName(), arguments);
              });

  private final KernelReferences references =
      new KernelReferences(fileSystem, PassthroughPolicy.OFF, new BackingFiles(-1));
  private final Meters meters = new Meters();
  private final Dispatcher dispatcher =
      new Dispatcher(
          fileSystem,
          references,
          new Protocol(45, ~InitFlags.WRITEBACK_CACHE),
          new CacheOfTheKernel(),
          meters.add(),
          new SessionOptions(false, 1, 4096, false, PassthroughPolicy.OFF, false));

  private final class CacheOfTheKernel implements KernelCache {
    @Override
    public void attributesChanged(long node) {
      calls.add("changed " + node);
    }

    @Override
    public boolean store(NativeMemory message, int length) {
      assertThat(length).isEqualTo(message.getInt(0));
      assertThat(message.getInt(4)).as("FUSE_NOTIFY_STORE").isEqualTo(4);
      int data = message.getInt(16 + 16);
      calls.add("store " + message.getLong(16) + " " + new String(message.copy(40, data), UTF_8));
      return true;
    }
  }

  /** Bytes of the reply, or 0 where there is none. */
  private int dispatch(int opcode, int bodyLength) {
    request.putInt(0, 40 + bodyLength);
    request.putInt(4, opcode);
    request.putLong(8, 77);
    request.putLong(16, 5);
    return dispatcher.dispatch(new Request().reset(request, 40 + bodyLength), written)
        ? written.length()
        : 0;
  }

  private int error() {
    assertThat(reply.getLong(8)).as("unique").isEqualTo(77);
    return -reply.getInt(4);
  }

  @Test
  void errnoException_isItsErrno() {
    behavior =
        (method, arguments) -> {
          throw new ErrnoException(Errno.EDQUOT, "test");
        };
    assertThat(dispatch(Opcode.GETATTR, 16)).isEqualTo(16);
    assertThat(error()).isEqualTo(Errno.EDQUOT);
    assertThat(calls).containsExactly("failed GETATTR " + Errno.EDQUOT);
  }

  @Test
  void anythingElseThrown_isEio() {
    behavior =
        (method, arguments) -> {
          throw new StackOverflowError("thrown on purpose by a test");
        };
    assertThat(dispatch(Opcode.GETATTR, 16)).isEqualTo(16);
    assertThat(error()).isEqualTo(Errno.EIO);
    assertThat(calls).containsExactly("failed GETATTR " + Errno.EIO);
    assertThat(meters.snapshot().errors()).containsEntry(Errno.EIO, 1L);
  }

  @ParameterizedTest
  @ValueSource(ints = {Opcode.ACCESS, Opcode.POLL, Opcode.BMAP, Opcode.GETLK, Opcode.SETLK, 9999})
  void whatAUnionDoesNotNeed_isNotImplemented(int opcode) {
    assertThat(dispatch(opcode, 64)).isEqualTo(16);
    assertThat(error()).isEqualTo(Errno.ENOSYS);
  }

  @Test
  void interrupt_isNotAnswered() {
    assertThat(dispatch(Opcode.INTERRUPT, 8)).isZero();
  }

  @Test
  void nameThatTheRequestCutsOff_isEio() {
    request.putByte(40, (byte) 'x');
    assertThat(dispatch(Opcode.LOOKUP, 1)).isEqualTo(16);
    assertThat(error()).isEqualTo(Errno.EIO);
  }

  @Test
  void malformedRequest_isDropped() {
    request.putInt(0, 100);
    assertThat(dispatcher.dispatch(new Request().reset(request, 60), written)).isFalse();
  }

  @Test
  void forget_givesBackNoMoreThanWasHandedOut() {
    behavior = lookups(31);
    dispatch(Opcode.LOOKUP, 1);
    dispatch(Opcode.LOOKUP, 1);
    references.forget(31, 1000);
    references.forget(31, 1);
    assertThat(calls).containsExactly("forget 31");
  }

  @Test
  void repliesThatTheKernelDidNotTake_areUndone() {
    behavior = lookups(31);
    dispatch(Opcode.LOOKUP, 1);
    dispatcher.undoLast();
    assertThat(calls).containsExactly("forget 31");
    calls.clear();

    behavior = opens(8);
    dispatch(Opcode.OPEN, 8);
    dispatcher.undoLast();
    assertThat(calls).containsExactly("release 8");
    calls.clear();

    dispatch(Opcode.CREATE, 17);
    dispatcher.undoLast();
    assertThat(calls).containsExactly("release 8", "forget 32");
    calls.clear();

    behavior = lists();
    request.putInt(40 + 16, 4000);
    dispatch(Opcode.READDIRPLUS, 40);
    dispatcher.undoLast();
    assertThat(calls).containsExactly("forget 101", "forget 102");
    calls.clear();

    references.releaseAll();
    assertThat(calls).isEmpty();
  }

  @Test
  void failedReply_handsOutNothing() {
    behavior =
        (method, arguments) -> {
          throw new ErrnoException(Errno.ENOENT, "test");
        };
    dispatch(Opcode.OPEN, 8);
    dispatcher.undoLast();
    assertThat(calls).isEmpty();
  }

  @Test
  void endOfConnection_givesEverythingBack() {
    behavior = lookups(31);
    dispatch(Opcode.LOOKUP, 1);
    dispatch(Opcode.LOOKUP, 1);
    behavior = opens(8);
    dispatch(Opcode.CREATE, 17);
    references.releaseAll();
    assertThat(calls).containsExactlyInAnyOrder("release 8", "forget 31", "forget 32");
  }

  @Test
  void errorAfterSomeEntries_deliversThemFirst() {
    behavior =
        (method, arguments) -> {
          lists().call(method, arguments);
          throw new ErrnoException(Errno.EIO, "test");
        };
    request.putInt(40 + 16, 4000);
    assertThat(dispatch(Opcode.READDIRPLUS, 40)).isEqualTo(16 + 3 * 160);
    assertThat(error()).isZero();
  }

  @Test
  void firstOpenForReading_bringsTheData() {
    behavior = fileHolding("all of it");
    dispatch(Opcode.OPEN, 8);
    dispatch(Opcode.OPEN, 8);
    assertThat(calls).containsExactly("store 5 all of it");
    calls.clear();
    dispatch(Opcode.RELEASE, 24);
    dispatch(Opcode.RELEASE, 24);
    dispatch(Opcode.OPEN, 8);
    assertThat(calls).as("cached").isEmpty();
    dispatch(Opcode.RELEASE, 24);
    references.lookedUp(5);
    references.forget(5, 1);
    dispatch(Opcode.OPEN, 8);
    assertThat(calls).as("id of another file").containsExactly("forget 5", "store 5 all of it");
  }

  @Test
  void openForWriting_bringsNoData() {
    behavior = fileHolding("data");
    request.putInt(40, OpenFlags.O_RDWR);
    dispatch(Opcode.OPEN, 8);
    request.putInt(40, OpenFlags.O_TRUNC);
    dispatch(Opcode.OPEN, 8);
    assertThat(calls).isEmpty();
  }

  @Test
  void fileTruncatedWhileItIsRead_bringsNoData() {
    Behavior holding = fileHolding("data");
    behavior =
        (method, arguments) -> {
          if (method.equals("read")) {
            references.ioModes().beginChange(5);
            references.ioModes().endChange(5);
          }
          return holding.call(method, arguments);
        };
    dispatch(Opcode.OPEN, 8);
    assertThat(calls).isEmpty();
  }

  @Test
  void largeFile_bringsNoData() {
    behavior = fileHolding("x".repeat((64 << 10) + 1));
    dispatch(Opcode.OPEN, 8);
    assertThat(calls).isEmpty();
  }

  @Test
  void shortWrites_areCarriedOn() {
    request.putInt(40 + 16, 100);
    behavior = (method, arguments) -> Math.min(30, (int) arguments[3]);
    assertThat(dispatch(Opcode.WRITE, 40 + 100)).isEqualTo(24);
    assertThat(reply.getInt(16)).isEqualTo(100);
    behavior =
        (method, arguments) -> {
          if ((long) arguments[4] >= 60) {
            throw new ErrnoException(Errno.ENOSPC, "test");
          }
          return 30;
        };
    dispatch(Opcode.WRITE, 40 + 100);
    assertThat(error()).isZero();
    assertThat(reply.getInt(16)).isEqualTo(60);
  }

  private static Behavior lookups(long node) {
    return (method, arguments) -> {
      if (method.equals("lookup")) {
        ((Entry) arguments[2]).node = node;
        return true;
      }
      return null;
    };
  }

  private static Behavior opens(long handle) {
    return (method, arguments) -> {
      if (method.equals("open")) {
        ((Opened) arguments[3]).handle = handle;
      } else if (method.equals("create")) {
        ((Entry) arguments[5]).node = 32;
        ((Opened) arguments[6]).handle = handle;
      }
      return null;
    };
  }

  private static Behavior fileHolding(String data) {
    return (method, arguments) -> {
      switch (method) {
        case "open" -> {
          Opened opened = (Opened) arguments[3];
          opened.handle = 8;
          opened.descriptor = 1 << 20;
        }
        case "getattr" -> ((Stat) arguments[1]).size = data.length();
        case "read" -> {
          ((NativeMemory) arguments[1])
              .put((int) arguments[2], data.getBytes(UTF_8), 0, data.length());
          return data.length();
        }
        default -> {}
      }
      return null;
    };
  }

  private static Behavior lists() {
    return (method, arguments) -> {
      if (method.equals("readdir")) {
        DirectorySink sink = (DirectorySink) arguments[3];
        byte[] name = {'n'};
        sink.accept(name, 0, 1, 1, 4, 1, null);
        for (int i = 1; i <= 2; i++) {
          Entry entry = new Entry();
          entry.node = 100L + i;
          sink.accept(name, 0, 1, i, 8, i + 1, entry);
        }
      }
      return null;
    };
  }
}

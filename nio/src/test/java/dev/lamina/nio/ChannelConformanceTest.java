package dev.lamina.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Channels, on Lamina as on the JDK's file system. */
@ParameterizedClass
@EnumSource(Backend.class)
final class ChannelConformanceTest extends Conformance {
  private FileChannel channel(String path, OpenOption... options) throws IOException {
    return FileChannel.open(p(path), options);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static String read(SeekableByteChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    int got = channel.read(buffer);
    return got < 0 ? "END" : new String(buffer.array(), 0, got, UTF_8);
  }

  @Test
  void reads_moveThePosition() throws IOException {
    try (FileChannel channel = channel("a.txt")) {
      assertThat(channel.size()).isEqualTo(5);
      assertThat(read(channel, 2)).isEqualTo("al");
      assertThat(channel.position()).isEqualTo(2);
      assertThat(read(channel, 0)).isEmpty();
      assertThat(read(channel, 10)).isEqualTo("pha");
      assertThat(read(channel, 1)).isEqualTo("END");
      ByteBuffer at = ByteBuffer.allocateDirect(3);
      assertThat(channel.read(at, 1)).isEqualTo(3);
      assertThat(channel.position()).isEqualTo(5);
      assertThat(channel.read(ByteBuffer.allocate(1), 99)).isEqualTo(-1);
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), -1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> channel.position(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> channel.write(bytes("x")))
          .isInstanceOf(NonWritableChannelException.class);
      assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
      ByteBuffer[] several = {ByteBuffer.allocate(2), ByteBuffer.allocate(2)};
      assertThat(channel.position(1).read(several)).isEqualTo(4);
      assertThat(several[1].array()).asString(UTF_8).isEqualTo("ha");
    }
  }

  @Test
  void writes_changeAndExtend() throws IOException {
    try (FileChannel channel = channel("a.txt", READ, WRITE)) {
      assertThat(channel.write(bytes("AL"))).isEqualTo(2);
      assertThat(channel.write(bytes("!!"), 7)).isEqualTo(2);
      assertThat(channel.position()).isEqualTo(2);
      assertThat(channel.size()).isEqualTo(9);
      channel.position(20);
      assertThat(read(channel, 1)).isEqualTo("END");
      assertThat(channel.size()).isEqualTo(9);
      channel.write(new ByteBuffer[] {bytes("x"), bytes("y")});
      assertThat(channel.size()).isEqualTo(22);
      channel.force(true);
      channel.force(false);
    }
    assertThat(Files.readAllBytes(p("a.txt")))
        .startsWith("ALpha\0\0!!\0".getBytes(UTF_8))
        .hasSize(22);
    try (FileChannel channel = channel("b.txt", WRITE)) {
      assertThatThrownBy(() -> read(channel, 1)).isInstanceOf(NonReadableChannelException.class);
    }
    assertThat(p("b.txt")).hasContent("beta");
  }

  @Test
  void truncate_shortensButNeverExtends() throws IOException {
    try (FileChannel channel = channel("a.txt", WRITE)) {
      channel.position(4).truncate(10);
      assertThat(channel.size()).isEqualTo(5);
      assertThat(channel.position()).isEqualTo(4);
      channel.truncate(2);
      assertThat(channel.size()).isEqualTo(2);
      assertThat(channel.position()).isEqualTo(2);
      assertThatThrownBy(() -> channel.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(p("a.txt")).hasContent("al");
    channel("shadowed", WRITE, TRUNCATE_EXISTING).close();
    assertThat(p("shadowed")).isEmptyFile();
    channel("c.txt", READ, TRUNCATE_EXISTING).close();
    assertThat(p("c.txt")).hasContent("gamma");
  }

  @Test
  void append_writesAtTheEndWhereverThePositionIs() throws IOException {
    try (FileChannel channel = channel("a.txt", APPEND)) {
      assertThat(channel.position()).isEqualTo(5);
      channel.position(0);
      channel.write(bytes("1"));
      channel.write(bytes("2"), 0);
      assertThat(channel.size()).isEqualTo(7);
    }
    assertThat(p("a.txt")).hasContent("alpha12");
  }

  @Test
  void options_thatContradict() {
    assertThatThrownBy(() -> channel("a.txt", READ, APPEND))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel("a.txt", APPEND, TRUNCATE_EXISTING))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel("a.txt", new OpenOption() {}))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void creation_asTheOptionsSay() throws IOException {
    assertThatThrownBy(() -> channel("none", WRITE)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> channel("none", READ, CREATE)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> channel("a.txt", WRITE, CREATE_NEW))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> channel("dangling", WRITE, CREATE_NEW))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> channel("dir", WRITE, CREATE_NEW))
        .isInstanceOf(FileAlreadyExistsException.class);
    channel("new1", WRITE, CREATE).close();
    channel("new2", WRITE, CREATE_NEW, SPARSE, SYNC).close();
    channel("new3", WRITE, CREATE, CREATE_NEW, DSYNC).close();
    channel("a.txt", WRITE, CREATE).close();
    assertThat(p("a.txt")).hasContent("alpha");
    assertThat(p("new3")).isEmptyFile();
  }

  @Test
  void nofollow_refusesLinksAtTheEnd() throws IOException {
    assertThatThrownBy(() -> channel("link", READ, LinkOption.NOFOLLOW_LINKS))
        .isInstanceOf(IOException.class);
    channel("dirlink/low", READ, LinkOption.NOFOLLOW_LINKS).close();
  }

  @Test
  void deleteOnClose_leavesNothing() throws IOException {
    try (FileChannel channel = channel("temp", READ, WRITE, CREATE, DELETE_ON_CLOSE)) {
      channel.write(bytes("data"));
      assertThat(read(channel.position(0), 9)).isEqualTo("data");
    }
    assertThat(Files.exists(p("temp"))).isFalse();
    channel("a.txt", READ, DELETE_ON_CLOSE).close();
    assertThat(Files.exists(p("a.txt"))).isFalse();
    assertThatThrownBy(() -> channel("link", READ, DELETE_ON_CLOSE))
        .isInstanceOf(IOException.class);
  }

  @Test
  void openFiles_outliveTheirNames() throws IOException {
    try (FileChannel channel = channel("a.txt", READ)) {
      Files.delete(p("a.txt"));
      Files.writeString(p("a.txt"), "another");
      assertThat(read(channel, 99)).isEqualTo("alpha");
    }
  }

  @Test
  void readers_seeWhatWritersWrite() throws IOException {
    try (FileChannel reader = channel("a.txt", READ);
        FileChannel writer = channel("a.txt", WRITE)) {
      assertThat(read(reader, 1)).isEqualTo("a");
      writer.write(bytes("XYZ"));
      assertThat(read(reader, 2)).isEqualTo("YZ");
      assertThat(reader.size()).isEqualTo(5);
    }
  }

  @Test
  void transfers_goBothWays() throws IOException {
    byte[] large = new byte[300_001];
    new Random(1).nextBytes(large);
    Files.write(p("large"), large);
    try (FileChannel from = channel("large", READ);
        FileChannel to = channel("copy", READ, WRITE, CREATE_NEW)) {
      assertThat(from.transferTo(1, 200_000, to)).isEqualTo(200_000);
      assertThat(from.transferTo(400_000, 1, to)).isZero();
      ByteArrayOutputStream rest = new ByteArrayOutputStream();
      assertThat(from.transferTo(200_001, 500_000, Channels.newChannel(rest))).isEqualTo(100_000);
      assertThat(to.transferFrom(from.position(0), 200_000, 1000)).isEqualTo(1000);
      // Beyond the end: the contract has changed.
      boolean grows = Runtime.version().feature() >= 25;
      assertThat(to.transferFrom(from.position(0), 999_999, 1000)).isEqualTo(grows ? 1000 : 0);
      assertThat(to.size()).isEqualTo(grows ? 1_000_999 : 201_000);
      assertThat(rest.toByteArray()).endsWith(large[300_000]);
      assertThatThrownBy(() -> from.transferFrom(to, 0, 1))
          .isInstanceOf(NonWritableChannelException.class);
      assertThatThrownBy(() -> to.transferTo(0, 1, from))
          .isInstanceOf(NonWritableChannelException.class);
      assertThatThrownBy(() -> from.transferTo(-1, 1, to))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] copied = Files.readAllBytes(p("copy"));
    assertThat(copied[0]).isEqualTo(large[1]);
    assertThat(copied[200_999]).isEqualTo(large[999]);
  }

  @Test
  @SuppressWarnings("try") // Closing is what is tested.
  void locks_doNotOverlapInOneProcess() throws IOException {
    try (FileChannel channel = channel("a.txt", READ, WRITE);
        FileChannel other = channel("a.txt", READ, WRITE)) {
      FileLock lock = channel.lock(0, 10, false);
      assertThat(lock.isValid()).isTrue();
      assertThatThrownBy(() -> other.tryLock(5, 10, true))
          .isInstanceOf(OverlappingFileLockException.class);
      FileLock beside = other.tryLock(10, 10, true);
      assertThat(beside.isShared()).isTrue();
      lock.release();
      assertThat(lock.isValid()).isFalse();
      other.lock(0, 5, false).release();
      other.close();
      assertThat(beside.isValid()).isFalse();
      try (FileLock whole = channel.tryLock()) {
        assertThat(whole.size()).isEqualTo(Long.MAX_VALUE);
      }
    }
  }

  @Test
  void closedChannels_sayThatTheyAreClosed() throws IOException {
    FileChannel channel = channel("a.txt", READ, WRITE);
    channel.close();
    channel.close();
    assertThat(channel.isOpen()).isFalse();
    assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(channel::position).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> read(channel, 1)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.write(bytes("x"))).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void interruptedThreads_closeTheirChannel() throws IOException {
    FileChannel channel = channel("a.txt", READ);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> read(channel, 1)).isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(channel.isOpen()).isFalse();
  }
}

package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.linux.Xattr;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What programs see through a mount, against what the filesystem behind it holds. */
@RequiresFuse
class FuseMountTest {
  private LoopbackMount loopback;
  private Path source;
  private Path target;
  private int root;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    loopback = LoopbackMount.in(scratch);
    source = loopback.source;
    target = loopback.target;
    root = loopback.targetFd;
  }

  @AfterEach
  void unmount() {
    loopback.close();
  }

  @Test
  void mountTable_showsTypeAndSource() throws Exception {
    MountTable.Entry entry = MountTable.at(target).orElseThrow();
    assertThat(entry.type()).isEqualTo("fuse.lamina");
    assertThat(entry.source()).isEqualTo("lamina");
    assertThat(entry.options()).contains("allow_other", "default_permissions");
    assertThat(new StatFs().read(root).type).isEqualTo(StatFs.FUSE_SUPER_MAGIC);
  }

  @Test
  void file_isWrittenAndReadInOneMebibytePieces() throws Exception {
    byte[] content = bytes(3 * (1 << 20) + 12345);
    Files.write(target.resolve("big"), content);
    assertThat(Files.readAllBytes(source.resolve("big"))).isEqualTo(content);
    assertThat(Files.readAllBytes(target.resolve("big"))).isEqualTo(content);
  }

  @Test
  void negativeEntry_isForgottenWhenTheNameAppears() throws Exception {
    Path path = target.resolve("later");
    assertThatThrownBy(() -> Files.readString(path)).isInstanceOf(NoSuchFileException.class);
    Files.writeString(path, "now");
    assertThat(Files.readString(path)).isEqualTo("now");
    Files.delete(path);
    assertThat(Files.exists(path)).isFalse();
  }

  @Test
  void truncatingOpen_emptiesFileAndItsCachedPages() throws Exception {
    Files.writeString(target.resolve("f"), "something long");
    assertThat(Files.readString(target.resolve("f"))).hasSize(14);
    Programs.sh(": > \"$1\"", target.resolve("f"));
    assertThat(Files.size(source.resolve("f"))).isZero();
    assertThat(Files.readString(target.resolve("f"))).isEmpty();
  }

  @Test
  void appends_ofTwoDescriptorsDoNotOverwriteEachOther() throws Exception {
    Programs.sh(
        "exec 3>>\"$1\" 4>>\"$1\"; echo a >&3; echo b >&4; echo c >&3", target.resolve("f"));
    assertThat(Files.readString(source.resolve("f"))).isEqualTo("a\nb\nc\n");
  }

  @Test
  void directIo_readsWhatWasWritten() throws Exception {
    Files.write(target.resolve("f"), bytes(1 << 20));
    Programs.sh(
        "dd if=\"$1\" of=\"$2\" bs=64k iflag=direct oflag=direct status=none",
        target.resolve("f"),
        target.resolve("copy"));
    assertThat(Files.readAllBytes(source.resolve("copy"))).isEqualTo(bytes(1 << 20));
  }

  @Test
  void sharedMapping_isCoherentWithReadAndWrite() throws Exception {
    byte[] content = bytes(100_000);
    Files.write(target.resolve("f"), content);
    long sum = 0;
    for (int i = 0; i < content.length; i++) {
      sum += content[i] & 0xff;
      content[i]++;
    }
    String printed = Programs.run(Programs.java(MapFile.class, target.resolve("f")));
    assertThat(printed).isEqualTo(Long.toString(sum));
    assertThat(Files.readAllBytes(target.resolve("f"))).isEqualTo(content);
    assertThat(Files.readAllBytes(source.resolve("f"))).isEqualTo(content);
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no flags of rename")
  void renameFlags_areThoseOfRenameat2() throws Exception {
    Files.writeString(target.resolve("a"), "A");
    Files.writeString(target.resolve("b"), "B");
    Name a = Name.of("a");
    Name b = Name.of("b");
    assertErrno(Errno.EEXIST, () -> At.rename(root, a, root, b, At.RENAME_NOREPLACE));
    At.rename(root, a, root, b, At.RENAME_EXCHANGE);
    assertThat(Files.readString(target.resolve("a"))).isEqualTo("B");
    assertThat(Files.readString(source.resolve("b"))).isEqualTo("A");
    At.rename(root, a, root, b, 0);
    assertThat(Files.readString(target.resolve("b"))).isEqualTo("B");
    assertThat(Files.exists(target.resolve("a"))).isFalse();
  }

  @Test
  void xattrs_ofAllSizes() throws Exception {
    Files.writeString(target.resolve("f"), "");
    Name file = Name.of("f");
    Name small = Name.of("user.small");
    Name large = Name.of("user.large");
    assertThat(Xattr.get(root, file, small)).isNull();
    Xattr.set(root, file, small, new byte[] {1, 0, (byte) 0xff}, Xattr.CREATE);
    Xattr.set(root, file, large, bytes(2000), 0);
    assertThat(Xattr.get(root, file, small)).containsExactly(1, 0, 0xff);
    assertThat(Xattr.get(loopback.sourceFd, file, large)).isEqualTo(bytes(2000));
    assertErrno(Errno.EEXIST, () -> Xattr.set(root, file, small, new byte[] {2}, Xattr.CREATE));

    NativeMemory list = NativeMemory.allocate(1024);
    int size = Xattr.list(root, file, list, 0, 0);
    assertThat(Xattr.list(root, file, list, 0, 1024)).isEqualTo(size);
    assertThat(new String(list.copy(0, size), StandardCharsets.US_ASCII).split("\0"))
        .contains("user.small", "user.large");
    assertErrno(Errno.ERANGE, () -> Xattr.list(root, file, list, 0, 3));

    Xattr.remove(root, file, small);
    assertThat(Xattr.get(root, file, small)).isNull();
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no lseek, so nobody sees holes")
  void seek_findsHolesAndData() throws Exception {
    int fd = create("sparse");
    Fd.truncate(fd, 1 << 20);
    NativeMemory memory = NativeMemory.allocate(4096);
    assertThat(Fd.pwrite(fd, memory, 0, 4096, 1 << 19)).isEqualTo(4096);
    assertThat(Fd.seek(fd, 0, Fd.SEEK_DATA)).isEqualTo(1 << 19);
    assertThat(Fd.seek(fd, 1 << 19, Fd.SEEK_HOLE)).isEqualTo((1 << 19) + 4096);
    assertErrno(Errno.ENXIO, () -> Fd.seek(fd, 1 << 21, Fd.SEEK_DATA));
    assertThat(Fd.seek(fd, -1, Fd.SEEK_END)).isEqualTo((1 << 20) - 1);
    Fd.close(fd);
  }

  @Test
  void copyRange_andFallocate_changeWhatReadersSee() throws Exception {
    byte[] content = bytes(300_000);
    Files.write(target.resolve("from"), content);
    int from = At.open(root, Name.of("from"), OpenFlags.O_RDONLY, 0);
    int to = create("to");
    assertThat(Fd.copyRange(from, 0, to, 0, content.length)).isEqualTo(content.length);
    assertThat(Files.readAllBytes(target.resolve("to"))).isEqualTo(content);
    Fd.allocate(to, 3 /* FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE */, 4096, 8192);
    Arrays.fill(content, 4096, 4096 + 8192, (byte) 0);
    assertThat(Files.readAllBytes(target.resolve("to"))).isEqualTo(content);
    Fd.allocate(to, 0, 0, 400_000);
    assertThat(Files.size(target.resolve("to"))).isEqualTo(400_000);
    Fd.close(from);
    Fd.close(to);
  }

  @Test
  void namesThatAreNotUtf8_areKept() throws Exception {
    byte[] bytes = {'x', (byte) 0xff, (byte) 0xfe, '\n', (byte) 0x80};
    Name name = Name.of(bytes);
    Fd.close(At.open(root, name, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0600));
    At.symlink(Name.of(bytes), root, Name.of("link"));
    assertThat(At.stat(loopback.sourceFd, name, new Stat())).isTrue();
    assertThat(At.readlink(root, Name.of("link"))).isEqualTo(bytes);
    assertThat(names(root)).anySatisfy(found -> assertThat(found).isEqualTo(bytes));
  }

  @Test
  void nameOf256Bytes_isTooLong() {
    assertErrno(Errno.ENAMETOOLONG, () -> At.mkdir(root, Name.of("n".repeat(256)), 0700));
  }

  @Test
  void listing_of10000Entries_isCompleteEachTime() throws Exception {
    Path directory = Files.createDirectory(source.resolve("many"));
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      String name = "entry-with-a-rather-long-name-" + i;
      Files.createFile(directory.resolve(name));
      expected.add(name);
    }
    for (int round = 0; round < 2; round++) {
      assertThat(listing("many")).hasSize(10_000).hasSameElementsAs(expected);
    }
    String lines = Programs.sh("ls -l \"$1\" | wc -l", target.resolve("many"));
    assertThat(lines).isEqualTo("10001");
  }

  @Test
  void cachedListing_showsEveryChangeMadeThroughTheMount() throws Exception {
    Path directory = Files.createDirectory(target.resolve("d"));
    for (int i = 0; i < 20; i++) {
      Files.createFile(directory.resolve("f" + i));
      assertThat(listing("d")).hasSize(i + 1);
    }
    Files.delete(directory.resolve("f3"));
    assertThat(listing("d")).hasSize(19).doesNotContain("f3");
    Files.move(directory.resolve("f4"), directory.resolve("g4"));
    assertThat(listing("d")).hasSize(19).contains("g4").doesNotContain("f4");
    Files.move(directory.resolve("f5"), target.resolve("out"));
    assertThat(listing("d")).hasSize(18).doesNotContain("f5");
    Files.createLink(directory.resolve("hard"), directory.resolve("f6"));
    Files.createSymbolicLink(directory.resolve("soft"), Path.of("f6"));
    Files.createDirectory(directory.resolve("sub"));
    assertThat(listing("d")).hasSize(21).contains("hard", "soft", "sub");
    Files.delete(directory.resolve("sub"));
    assertThat(listing("d")).hasSize(20).doesNotContain("sub");
  }

  @Test
  void attributes_thatChangeAsASideEffect_areNotStale() throws Exception {
    Files.createDirectory(target.resolve("d"));
    Files.writeString(target.resolve("d/f"), "1");
    assertSameAttributes("d", "d/f");
    Files.createLink(target.resolve("d/g"), target.resolve("d/f"));
    assertSameAttributes("d", "d/f", "d/g");
    Files.createDirectory(target.resolve("d/sub"));
    assertSameAttributes("d", "d/sub");
    Files.move(target.resolve("d/sub"), target.resolve("sub"));
    assertSameAttributes("d", "sub", ".");
    Files.delete(target.resolve("d/g"));
    assertSameAttributes("d", "d/f");
    Files.writeString(target.resolve("d/f"), "longer than before");
    assertSameAttributes("d/f");
    Programs.sh(
        "chmod 640 \"$1\"; touch -d '2001-02-03 04:05:06.789' \"$1\"", target.resolve("d/f"));
    assertSameAttributes("d/f");
    Programs.sh("truncate -s 3 \"$1\"", target.resolve("d/f"));
    assertSameAttributes("d/f");
    Xattr.set(root, Name.of("d"), Name.of("user.x"), new byte[] {1}, 0);
    assertSameAttributes("d");
    Files.delete(target.resolve("sub"));
    assertSameAttributes(".");
    Files.writeString(target.resolve("victim"), "");
    Files.createLink(target.resolve("witness"), target.resolve("victim"));
    assertSameAttributes("victim", "witness");
    At.rename(root, Name.of("d"), root, Name.of("e"), 0);
    Files.move(
        target.resolve("e/f"), target.resolve("victim"), StandardCopyOption.REPLACE_EXISTING);
    assertSameAttributes("victim", "witness", "e", ".");
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no birth time")
  void birthTime_comesThroughStatx() throws Exception {
    Files.writeString(target.resolve("f"), "");
    Stat expected = new Stat();
    At.stat(loopback.sourceFd, Name.of("f"), expected);
    Stat actual = new Stat();
    At.stat(root, Name.of("f"), actual);
    assertThat(actual.btime).isEqualTo(expected.btime);
    assertThat(actual.btimeNanos).isEqualTo(expected.btimeNanos);
  }

  @Test
  void specialFiles_andTheirNumbers() throws Exception {
    long device = FileMode.device(0xfff, 0xfffff);
    At.mknod(root, Name.of("device"), FileMode.S_IFBLK | 0600, device);
    At.mknod(root, Name.of("fifo"), FileMode.S_IFIFO | 0600, 0);
    Stat stat = new Stat();
    assertThat(At.stat(root, Name.of("device"), stat)).isTrue();
    assertThat(stat.rdev).isEqualTo(device);
    assertThat(At.stat(loopback.sourceFd, Name.of("device"), stat)).isTrue();
    assertThat(stat.rdev).isEqualTo(device);
    // A device works as itself: no nodev.
    Programs.sh("mknod \"$1\" c 1 3; echo gone > \"$1\"", target.resolve("null"));
  }

  @Test
  void writeByOrdinaryUser_clearsSetuidForTheNextProgram() throws Exception {
    Path file = target.resolve("program");
    Programs.sh("cp /bin/sleep \"$1\"; chmod 6777 \"$1\"; stat \"$1\"", file);
    Programs.sh("setpriv --reuid 65534 --clear-groups sh -c 'printf x >> \"$0\"' \"$1\"", file);
    Stat stat = new Stat();
    At.stat(loopback.sourceFd, Name.of("program"), stat);
    assertThat(stat.mode & FileMode.PERMISSIONS).isEqualTo(0777);
    At.stat(root, Name.of("program"), stat);
    assertThat(stat.mode & FileMode.PERMISSIONS).isEqualTo(0777);
  }

  @Test
  void setuidProgram_losesItsPowerAtOnceWhenWritten() throws Exception {
    // id prints the effective user: that of the file's owner while the bit is set.
    Path file = target.resolve("id");
    Programs.sh("cp /usr/bin/id \"$1\"; chown 1 \"$1\"; chmod 4777 \"$1\"", file);
    String script = "setpriv --reuid 65534 --clear-groups sh -c '%s' \"$1\"";
    assertThat(Programs.sh(script.formatted("\"$0\" -u"), file)).isEqualTo("1");
    assertThat(Programs.sh(script.formatted("printf x >> \"$0\"; \"$0\" -u"), file))
        .isEqualTo("65534");
  }

  @Test
  void defaultAclAndUmask_areAppliedByTheLayer() throws Exception {
    Programs.sh(
        "umask 077; mkdir \"$1\"; setfacl -d -m u::rwx,g::rwx,o::rx \"$1\";"
            + " touch \"$1/inherits\" \"$2\"",
        target.resolve("acl"),
        target.resolve("masked"));
    Stat stat = new Stat();
    At.stat(root, Name.of("masked"), stat);
    assertThat(stat.mode & FileMode.PERMISSIONS).isEqualTo(0600);
    assertThat(Files.getAttribute(target.resolve("acl/inherits"), "unix:mode"))
        .isEqualTo(FileMode.S_IFREG | 0664);
  }

  @Test
  void unlinkedOpenFile_isStillReadAndStatted() throws Exception {
    Files.writeString(target.resolve("f"), "still here");
    int fd = At.open(root, Name.of("f"), OpenFlags.O_RDWR, 0);
    Files.delete(target.resolve("f"));
    NativeMemory memory = NativeMemory.allocate(64);
    assertThat(Fd.pread(fd, memory, 0, 64, 0)).isEqualTo(10);
    Stat stat = new Stat();
    At.stat(fd, stat);
    assertThat(stat.nlink).isZero();
    Fd.close(fd);
  }

  @Test
  void ioctl_isNotForUs() throws Exception {
    int fd = create("f");
    NativeMemory memory = NativeMemory.allocate(8);
    assertErrno(Errno.ENOTTY, () -> Fd.ioctl(fd, 0x80086601L /* FS_IOC_GETFLAGS */, memory));
    Fd.close(fd);
  }

  @Test
  void eightClients_workAtOnce() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(8);
    List<Future<Integer>> results = new ArrayList<>();
    for (int client = 0; client < 8; client++) {
      Path directory = Files.createDirectory(target.resolve("client" + client));
      byte[] content = bytes(10_000 + client);
      results.add(
          clients.submit(
              () -> {
                int done = 0;
                for (int i = 0; i < 200; i++) {
                  Path file = directory.resolve("f" + i);
                  Files.write(file, content);
                  assertThat(Files.readAllBytes(file)).isEqualTo(content);
                  Files.move(file, directory.resolve("g" + i));
                  if (i % 2 == 0) {
                    Files.delete(directory.resolve("g" + i));
                  }
                  done++;
                }
                return done;
              }));
    }
    for (Future<Integer> result : results) {
      assertThat(result.get()).isEqualTo(200);
    }
    clients.shutdown();
    for (int client = 0; client < 8; client++) {
      assertThat(listing("client" + client)).hasSize(100);
    }
  }

  private int create(String name) throws ErrnoException {
    return At.open(root, Name.of(name), OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0644);
  }

  private void assertSameAttributes(String... paths) throws Exception {
    for (String path : paths) {
      assertThat(attributes(target.resolve(path)))
          .as(path)
          .isEqualTo(attributes(source.resolve(path)));
    }
  }

  private static List<Object> attributes(Path path) throws Exception {
    return Files.readAttributes(
            path,
            "unix:mode,nlink,uid,gid,size,ino,lastModifiedTime,ctime",
            LinkOption.NOFOLLOW_LINKS)
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .<Object>map(Map.Entry::toString)
        .toList();
  }

  private List<String> listing(String directory) throws Exception {
    int fd = At.open(root, Name.of(directory), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      return read(fd).stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
    } finally {
      Fd.close(fd);
    }
  }

  private static List<byte[]> names(int directory) throws Exception {
    int fd = Fd.reopen(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    try {
      return read(fd);
    } finally {
      Fd.close(fd);
    }
  }

  private static List<byte[]> read(int fd) throws Exception {
    List<byte[]> names = new ArrayList<>();
    DirectoryReader reader = new DirectoryReader().reset(fd);
    while (reader.next()) {
      names.add(reader.name().toBytes());
    }
    return names;
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}

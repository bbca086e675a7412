package dev.lamina.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.RequiresRoot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.DosFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Attributes of all views, on Lamina as on the JDK's file system. */
@ParameterizedClass
@EnumSource(Backend.class)
final class AttributeConformanceTest extends Conformance {
  private static final FileTime THEN = FileTime.from(1_234_567_890_123_456L, TimeUnit.MICROSECONDS);
  private static final FileTime LONG_AGO = FileTime.from(1_500, TimeUnit.MILLISECONDS);

  @Test
  void basicAttributes_areThoseOfTheObject() throws IOException {
    BasicFileAttributes file = Files.readAttributes(p("link"), BasicFileAttributes.class);
    BasicFileAttributes link =
        Files.readAttributes(p("link"), BasicFileAttributes.class, NOFOLLOW_LINKS);
    BasicFileAttributes dir = Files.readAttributes(p("dir"), BasicFileAttributes.class);
    assertThat(file.isRegularFile()).isTrue();
    assertThat(file.size()).isEqualTo(5);
    assertThat(link.isSymbolicLink()).isTrue();
    assertThat(link.size()).isEqualTo(5);
    assertThat(dir.isDirectory()).isTrue();
    assertThat(file.fileKey())
        .isEqualTo(Files.readAttributes(p("a.txt"), BasicFileAttributes.class).fileKey())
        .isNotEqualTo(link.fileKey());
    assertThat(file.isOther()).isFalse();
    assertThatThrownBy(() -> Files.readAttributes(p("none"), BasicFileAttributes.class))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.readAttributes(p("a.txt/x"), BasicFileAttributes.class))
        .isInstanceOf(FileSystemException.class);
  }

  @Test
  void times_areSetToTheMicrosecond() throws IOException {
    BasicFileAttributeView view =
        Files.getFileAttributeView(p("a.txt"), BasicFileAttributeView.class);
    assertThat(view.name()).isEqualTo("basic");
    FileTime access = view.readAttributes().lastAccessTime();
    view.setTimes(THEN, null, null);
    assertThat(view.readAttributes().lastModifiedTime()).isEqualTo(THEN);
    assertThat(view.readAttributes().lastAccessTime()).isEqualTo(access);
    view.setTimes(null, LONG_AGO, null);
    assertThat(view.readAttributes().lastModifiedTime()).isEqualTo(THEN);
    assertThat(view.readAttributes().lastAccessTime()).isEqualTo(LONG_AGO);
    view.setTimes(null, null, null);
    Files.setLastModifiedTime(p("dir"), THEN);
    assertThat(Files.getLastModifiedTime(p("dirlink"))).isEqualTo(THEN);
    Files.getFileAttributeView(p("link"), BasicFileAttributeView.class, NOFOLLOW_LINKS)
        .setTimes(THEN, THEN, null);
    assertThat(Files.getLastModifiedTime(p("link"), NOFOLLOW_LINKS)).isEqualTo(THEN);
  }

  @Test
  void permissions_areReadAndSet() throws IOException {
    Files.setPosixFilePermissions(p("a.txt"), PosixFilePermissions.fromString("r---w---x"));
    PosixFileAttributes attributes = Files.readAttributes(p("a.txt"), PosixFileAttributes.class);
    assertThat(PosixFilePermissions.toString(attributes.permissions())).isEqualTo("r---w---x");
    assertThat(Files.getAttribute(p("a.txt"), "unix:mode")).isEqualTo(0100421);
    Files.setAttribute(p("a.txt"), "unix:mode", 06755);
    assertThat(Files.getAttribute(p("a.txt"), "unix:mode")).isEqualTo(0106755);
    Files.setAttribute(p("dir"), "posix:permissions", PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(p("dirlink"))).hasSize(3);
    assertThat(Files.getPosixFilePermissions(p("link"), NOFOLLOW_LINKS)).hasSize(9);
  }

  @Test
  @RequiresRoot
  void owners_areReadAndSet() throws IOException {
    UserPrincipalLookupService service = lab.root().getFileSystem().getUserPrincipalLookupService();
    UserPrincipal user = service.lookupPrincipalByName("4321");
    assertThat(user.getName()).isEqualTo("4321");
    Files.setOwner(p("a.txt"), user);
    assertThat(Files.getOwner(p("a.txt"))).isEqualTo(user);
    assertThat(Files.getAttribute(p("link"), "unix:uid")).isEqualTo(4321);
    PosixFileAttributeView view =
        Files.getFileAttributeView(p("link"), PosixFileAttributeView.class, NOFOLLOW_LINKS);
    view.setGroup(service.lookupPrincipalByGroupName("1234"));
    view.setOwner(user);
    assertThat(Files.getAttribute(p("link"), "unix:gid", NOFOLLOW_LINKS)).isEqualTo(1234);
    assertThat(Files.getAttribute(p("a.txt"), "unix:gid")).isEqualTo(0);
    assertThat(view.readAttributes().group().getName()).isEqualTo("1234");
    Files.setAttribute(p("dir"), "unix:uid", 77);
    assertThat(Files.getFileAttributeView(p("dir"), FileOwnerAttributeView.class).getOwner())
        .isEqualTo(service.lookupPrincipalByName("77"));
    assertThatThrownBy(() -> service.lookupPrincipalByName("no such user"))
        .isInstanceOf(UserPrincipalNotFoundException.class);
    assertThatThrownBy(() -> Files.setOwner(p("a.txt"), () -> "foreign"))
        .isInstanceOf(ProviderMismatchException.class);
    assertThatThrownBy(() -> Files.setOwner(p("a.txt"), service.lookupPrincipalByGroupName("1234")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void attributesByName_haveTheNamesOfUnix() throws IOException {
    assertThat(Files.readAttributes(p("a.txt"), "*").keySet())
        .containsExactlyInAnyOrder(
            "size",
            "creationTime",
            "lastAccessTime",
            "lastModifiedTime",
            "isDirectory",
            "isRegularFile",
            "isSymbolicLink",
            "isOther",
            "fileKey");
    assertThat(Files.readAttributes(p("a.txt"), "posix:*").keySet())
        .contains("permissions", "owner", "group", "size")
        .hasSize(12);
    assertThat(Files.readAttributes(p("a.txt"), "unix:*").keySet())
        .contains("mode", "ino", "dev", "rdev", "nlink", "uid", "gid", "ctime", "owner")
        .hasSize(20);
    assertThat(Files.readAttributes(p("a.txt"), "owner:*").keySet()).containsExactly("owner");
    assertThat(Files.readAttributes(p("a.txt"), "unix:nlink,size,isOther"))
        .isEqualTo(Map.of("nlink", 1, "size", 5L, "isOther", false));
    for (String name : new String[] {"nlink", "basic:mode", "posix:ino", "size,nonsense", ""}) {
      assertThatThrownBy(() -> Files.readAttributes(p("a.txt"), name))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Files.readAttributes(p("a.txt"), "nonsense:*"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void attributesByName_areSet() throws IOException {
    Files.setAttribute(p("a.txt"), "lastModifiedTime", THEN);
    assertThat(Files.getAttribute(p("a.txt"), "basic:lastModifiedTime")).isEqualTo(THEN);
    Files.setAttribute(p("a.txt"), "posix:lastAccessTime", THEN);
    assertThat(Files.getAttribute(p("a.txt"), "lastAccessTime")).isEqualTo(THEN);
    Files.setAttribute(p("a.txt"), "user:taste", "sweet".getBytes(UTF_8));
    assertThat(Files.getAttribute(p("a.txt"), "user:taste")).isEqualTo("sweet".getBytes(UTF_8));
    assertThatThrownBy(() -> Files.setAttribute(p("a.txt"), "nonsense", 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Files.setAttribute(p("a.txt"), "nonsense:size", 1))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.setAttribute(p("a.txt"), "size", 1L))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Files.setAttribute(p("a.txt"), "lastModifiedTime", "now"))
        .isInstanceOf(ClassCastException.class);
  }

  @Test
  void userAttributes_areXattrs() throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(p("a.txt"), UserDefinedFileAttributeView.class);
    assertThat(view.list()).containsExactly("color");
    assertThat(view.size("color")).isEqualTo(3);
    ByteBuffer value = ByteBuffer.allocate(3);
    assertThat(view.read("color", value)).isEqualTo(3);
    assertThat(value.array()).asString(UTF_8).isEqualTo("red");
    assertThatThrownBy(() -> view.read("color", ByteBuffer.allocate(2)))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> view.read("none", ByteBuffer.allocate(2)))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> view.size("none")).isInstanceOf(FileSystemException.class);
    assertThat(view.write("size", ByteBuffer.wrap(new byte[] {1, 2, 3, 4}))).isEqualTo(4);
    assertThat(view.write("nothing", ByteBuffer.allocateDirect(0))).isZero();
    assertThat(view.list()).containsExactlyInAnyOrder("color", "size", "nothing");
    assertThat(Files.readAttributes(p("link"), "user:*").keySet()).hasSize(3);
    view.delete("color");
    assertThatThrownBy(() -> view.delete("color")).isInstanceOf(FileSystemException.class);
    assertThat(view.list()).hasSize(2);
    assertThatThrownBy(
            () ->
                Files.getFileAttributeView(
                        p("link"), UserDefinedFileAttributeView.class, NOFOLLOW_LINKS)
                    .write("x", ByteBuffer.allocate(1)))
        .isInstanceOf(FileSystemException.class);
  }

  @Test
  void viewsThatThereAreNot() throws IOException {
    assertThat(Files.getFileAttributeView(p("a.txt"), AclFileAttributeView.class)).isNull();
    Set<String> views = lab.root().getFileSystem().supportedFileAttributeViews();
    assertThat(views).contains("basic", "posix", "unix", "owner", "user");
    if (backend != Backend.JDK) {
      assertThatThrownBy(() -> Files.readAttributes(p("a.txt"), DosFileAttributes.class))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void stores_haveRoom() throws IOException {
    FileStore store = Files.getFileStore(p("a.txt"));
    assertThat(store.getTotalSpace()).isGreaterThanOrEqualTo(store.getUnallocatedSpace());
    assertThat(store.getUnallocatedSpace()).isGreaterThanOrEqualTo(store.getUsableSpace());
    assertThat(store.getUsableSpace()).isPositive();
    assertThat(store.getBlockSize()).isPositive();
    assertThat((long) store.getAttribute("totalSpace")).isEqualTo(store.getTotalSpace());
    assertThat(store.isReadOnly()).isFalse();
    assertThat(store.name()).isNotEmpty();
    assertThat(store.type()).isNotEmpty();
    assertThat(store.supportsFileAttributeView(PosixFileAttributeView.class)).isTrue();
    assertThat(store.supportsFileAttributeView(AclFileAttributeView.class)).isFalse();
    assertThat(store.supportsFileAttributeView("user")).isTrue();
    assertThat(store.supportsFileAttributeView("nonsense")).isFalse();
    assertThatThrownBy(() -> store.getAttribute("nonsense"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.getFileStore(p("none"))).isInstanceOf(NoSuchFileException.class);
  }
}

package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every constant and layout of this package against the headers of the host's own compiler. */
class CHeadersTest {
  private static final List<String> HEADERS =
      List.of(
          "stdio.h",
          "stddef.h",
          "dirent.h",
          "errno.h",
          "fcntl.h",
          "spawn.h",
          "time.h",
          "unistd.h",
          "linux/io_uring.h",
          "linux/magic.h",
          "linux/openat2.h",
          "linux/version.h",
          "sys/ioctl.h",
          "sys/mount.h",
          "sys/resource.h",
          "sys/socket.h",
          "sys/stat.h",
          "sys/syscall.h",
          "sys/uio.h",
          "sys/un.h",
          "sys/vfs.h",
          "sys/xattr.h");

  /** For the headers of Linux 6.13 and later. */
  private static final String SINCE_6_13 = "LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)";

  /** For the headers of Linux 6.5 and later. */
  private static final String SINCE_6_5 = "LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)";

  private static final Map<String, String> STRUCTS =
      Map.ofEntries(
          Map.entry("Statx", "struct statx"),
          Map.entry("StatxTimestamp", "struct statx_timestamp"),
          Map.entry("Statfs", "struct statfs"),
          Map.entry("Dirent64", "struct dirent64"),
          Map.entry("OpenHow", "struct open_how"),
          Map.entry("MountAttr", "struct mount_attr"),
          Map.entry("XattrArgs", "struct xattr_args"),
          Map.entry("Timespec", "struct timespec"),
          Map.entry("IoUringParams", "struct io_uring_params"),
          Map.entry("IoSqringOffsets", "struct io_sqring_offsets"),
          Map.entry("IoCqringOffsets", "struct io_cqring_offsets"),
          Map.entry("IoUringSqe", "struct io_uring_sqe"),
          Map.entry("IoUringCqe", "struct io_uring_cqe"),
          Map.entry("Rlimit", "struct rlimit"),
          Map.entry("Msghdr", "struct msghdr"),
          Map.entry("SockaddrUn", "struct sockaddr_un"),
          Map.entry("Ucred", "struct ucred"),
          Map.entry("Iovec", "struct iovec"),
          Map.entry("Cmsghdr", "struct cmsghdr"));

  @TempDir Path directory;

  private final Map<String, Long> ours = new TreeMap<>();
  private final Map<String, String> guards = new HashMap<>();

  @Test
  void structs() throws Exception {
    for (Class<?> type : Structs.class.getDeclaredClasses()) {
      String struct = STRUCTS.get(type.getSimpleName());
      assertThat(struct).as(type.getSimpleName()).isNotNull();
      addConstants(
          type,
          name -> {
            String field = name.toLowerCase(Locale.ROOT).replace("size_field", "size");
            return name.equals("SIZE")
                ? "sizeof(" + struct + ")"
                : "offsetof(" + struct + ", " + field + ")";
          });
    }
    ours.keySet().stream()
        .filter(expression -> expression.contains("xattr_args"))
        .forEach(expression -> guards.put(expression, SINCE_6_13));
    ours.keySet().stream()
        .filter(expression -> expression.contains("user_addr"))
        .forEach(expression -> guards.put(expression, SINCE_6_5));
    ours.put("CMSG_LEN(4)", (long) UnixSocket.CONTROL_LENGTH);
    ours.put("CMSG_SPACE(4)", (long) UnixSocket.CONTROL_SPACE);
    assertHeadersAgree();
  }

  @Test
  void roomForFileActions() throws Exception {
    String size = "sizeof(posix_spawn_file_actions_t)";
    Map<String, Long> values = CHeaders.evaluate(directory, HEADERS, List.of(size), Map.of());
    assertThat(values.get(size)).isBetween(1L, (long) HelperProcess.FILE_ACTIONS);
  }

  @Test
  void constants() throws Exception {
    addConstants(Errno.class, name -> name);
    addConstants(OpenFlags.class, name -> name);
    addConstants(StatFs.class, name -> name);
    addConstants(FileMode.class, name -> name.equals("PERMISSIONS") ? "ALLPERMS" : name);
    addConstants(At.class, name -> name.equals("FDCWD") ? "AT_FDCWD" : name);
    addConstants(Mounts.class, name -> name);
    addConstants(Fd.class, name -> name.equals("FICLONE") ? "_IOW(0x94, 9, int)" : name);
    addConstants(Terminals.class, name -> name);
    addConstants(Xattr.class, name -> name.equals("SIZE_MAX") ? "XATTR_SIZE_MAX" : "XATTR_" + name);
    addConstants(Name.class, name -> name);
    addConstants(Arch.class, name -> name);
    addConstants(IoUring.class, name -> name);
    ours.remove("COMMAND_SIZE");
    // Two enumerators, which the preprocessor does not know.
    guards.remove("IORING_OP_URING_CMD");
    guards.remove("IORING_REGISTER_ENABLE_RINGS");
    ours.put("SYS_copy_file_range", (long) Arch.current().sysCopyFileRange);
    assertHeadersAgree();
  }

  /** Each constant number of {@code type} under the C expression that stands for it. */
  private void addConstants(Class<?> type, UnaryOperator<String> expression) throws Exception {
    for (Field field : type.getDeclaredFields()) {
      boolean constant =
          Modifier.isStatic(field.getModifiers())
              && !Modifier.isPrivate(field.getModifiers())
              && (field.getType() == int.class || field.getType() == long.class);
      if (!constant) {
        continue;
      }
      String name = expression.apply(field.getName());
      if (name.startsWith("SYS_")) {
        name = name.toLowerCase(Locale.ROOT).replace("sys_", "SYS_");
      }
      if (!name.contains("(")) {
        guards.put(name, "defined(" + name + ")");
      }
      ours.put(name, field.getLong(null));
    }
  }

  private void assertHeadersAgree() throws Exception {
    Map<String, Long> theirs = CHeaders.evaluate(directory, HEADERS, ours.keySet(), guards);
    assertThat(ours).containsAllEntriesOf(theirs);
    // Headers of Linux 6.1 and later know all but the youngest calls.
    assertThat(theirs).hasSizeGreaterThan(ours.size() - 8);
  }
}

package dev.lamina.fuse.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every offset and size against the structs' fields in structs.txt, laid out by the rules of C for
 * 64-bit Linux.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StructLayoutTest {
  /** Fields whose constant has another name than they, because {@code SIZE} is the struct's. */
  private static final Map<String, String> RENAMED =
      Map.ofEntries(
          Map.entry("fuse_setattr_in.FILE_SIZE", "size"),
          Map.entry("fuse_attr.FILE_SIZE", "size"),
          Map.entry("fuse_statx.FILE_SIZE", "size"),
          Map.entry("fuse_batch_forget_in.COUNT", "count"),
          Map.entry("fuse_read_in.COUNT", "size"),
          Map.entry("fuse_write_in.COUNT", "size"),
          Map.entry("fuse_setxattr_in.COUNT", "size"),
          Map.entry("fuse_getxattr_in.COUNT", "size"),
          Map.entry("fuse_write_out.COUNT", "size"),
          Map.entry("fuse_getxattr_out.COUNT", "size"));

  private final Map<String, Layout> layouts = new HashMap<>();

  private record Layout(int size, int alignment, Map<String, Integer> offsets) {}

  @BeforeAll
  void readStructs() throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    try (InputStream in = StructLayoutTest.class.getResourceAsStream("structs.txt")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(": ", 2))
          .forEach(parts -> fields.put(parts[0], parts[1]));
    }
    fields.keySet().forEach(name -> layout(name, fields));
  }

  private Layout layout(String type, Map<String, String> fields) {
    if (type.matches("[us]\\d+")) {
      int bytes = Integer.parseInt(type.substring(1)) / 8;
      return new Layout(bytes, bytes, Map.of());
    }
    Layout known = layouts.get(type);
    if (known != null) {
      return known;
    }
    Map<String, Integer> offsets = new HashMap<>();
    int position = 0;
    int alignment = 1;
    for (String field : fields.get(type).split(", ", -1)) {
      String[] words = field.split(" ", 2);
      String name = words[1].replaceFirst("\\[.*", "");
      String length = words[1].contains("[") ? words[1].replaceAll(".*\\[|\\]", "") : "1";
      Layout layout = layout(words[0], fields);
      position = align(position, layout.alignment);
      offsets.put(name, position);
      position += layout.size * (length.isEmpty() ? 0 : Integer.parseInt(length));
      alignment = Math.max(alignment, layout.alignment);
    }
    Layout made = new Layout(align(position, alignment), alignment, offsets);
    layouts.put(type, made);
    return made;
  }

  private static int align(int position, int alignment) {
    return (position + alignment - 1) / alignment * alignment;
  }

  @ParameterizedTest
  @CsvSource({
    "In$Header, fuse_in_header",
    "In$Init, fuse_init_in",
    "In$Forget, fuse_forget_in",
    "In$BatchForget, fuse_batch_forget_in",
    "In$ForgetOne, fuse_forget_one",
    "In$Setattr, fuse_setattr_in",
    "In$Mknod, fuse_mknod_in",
    "In$Mkdir, fuse_mkdir_in",
    "In$Rename, fuse_rename_in",
    "In$Rename2, fuse_rename2_in",
    "In$Link, fuse_link_in",
    "In$Open, fuse_open_in",
    "In$Create, fuse_create_in",
    "In$Ioctl, fuse_ioctl_in",
    "In$Read, fuse_read_in",
    "In$Write, fuse_write_in",
    "In$Release, fuse_release_in",
    "In$Flush, fuse_flush_in",
    "In$Fsync, fuse_fsync_in",
    "In$Setxattr, fuse_setxattr_in",
    "In$Getxattr, fuse_getxattr_in",
    "In$Fallocate, fuse_fallocate_in",
    "In$Lseek, fuse_lseek_in",
    "In$CopyFileRange, fuse_copy_file_range_in",
    "Out$Header, fuse_out_header",
    "Out$Init, fuse_init_out",
    "Out$Attributes, fuse_attr",
    "Out$Entry, fuse_entry_out",
    "Out$Attr, fuse_attr_out",
    "Out$Statx, fuse_statx_out",
    "Out$StatxAttributes, fuse_statx",
    "Out$Open, fuse_open_out",
    "Out$Write, fuse_write_out",
    "Out$CopyFileRange, fuse_copy_file_range_out",
    "Out$Ioctl, fuse_ioctl_out",
    "Out$Lseek, fuse_lseek_out",
    "Out$Getxattr, fuse_getxattr_out",
    "Out$Statfs, fuse_kstatfs",
    "Out$Dirent, fuse_dirent",
    "Out$Direntplus, fuse_direntplus",
    "Out$InvalInode, fuse_notify_inval_inode_out",
    "Uring$Header, fuse_uring_req_header",
    "Uring$Entry, fuse_uring_ent_in_out",
    "Uring$Command, fuse_uring_cmd_req"
  })
  void constants_areTheHeadersOffsets(String className, String struct) throws Exception {
    Class<?> constants = Class.forName("dev.lamina.fuse.wire." + className);
    Layout layout = layouts.get(struct);
    int compared = 0;
    for (Field constant : constants.getDeclaredFields()) {
      String name = constant.getName();
      int value = constant.getInt(null);
      if (name.equals("SIZE")) {
        assertThat(value).as("sizeof %s", struct).isEqualTo(layout.size);
      } else if (isOffset(name)) {
        String field = RENAMED.getOrDefault(struct + "." + name, name.toLowerCase(Locale.ROOT));
        assertThat(value).as("offsetof %s.%s", struct, field).isEqualTo(layout.offsets.get(field));
        compared++;
      }
    }
    assertThat(compared).as("offsets in %s", className).isPositive();
  }

  private static boolean isOffset(String constant) {
    return !constant.matches("(FATTR|FUSE|FOPEN)_.*|COMPAT_SIZE|REGISTER|COMMIT_AND_FETCH");
  }
}

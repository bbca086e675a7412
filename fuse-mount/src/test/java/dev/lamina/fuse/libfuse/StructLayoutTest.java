package dev.lamina.fuse.libfuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Stat;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.junit.jupiter.api.Test;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseContext;
import ru.serce.jnrfuse.struct.FuseOperations;
import ru.serce.jnrfuse.struct.Statvfs;

/**
 * Where things are in C structs: sizes and offsets as a C compiler has them from the headers of
 * libfuse 2.9.9 and glibc, on x86-64.
 */
final class StructLayoutTest {
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();

  private static Pointer memory(int size) {
    return Memory.allocateDirect(RUNTIME, size, true);
  }

  @Test
  void structsOfJnrFuse_haveTheirSizes() {
    assertThat(Struct.size(new FuseOperations(RUNTIME))).isEqualTo(360);
    assertThat(Struct.size(new FileStat(RUNTIME))).isEqualTo(144);
    assertThat(Struct.size(new Statvfs(RUNTIME))).isEqualTo(112);
    assertThat(new FuseContext(RUNTIME).umask.offset()).isEqualTo(32);
  }

  @Test
  void operations_haveFunctionsAndFlagsInTheirPlaces() {
    FuseOperations operations = new FuseOperations(RUNTIME);
    assertThat(operations.bmap.offset()).isEqualTo(296);
    assertThat(operations.ioctl.offset()).isEqualTo(312);
    Pointer table = Pointer.wrap(RUNTIME, new OperationTable(false).address());
    assertThat(table.getInt(304)).isEqualTo(7);
    assertThat(table.getAddress(operations.getattr.offset())).isNotZero();
    assertThat(table.getAddress(operations.flush.offset())).isZero();
  }

  @Test
  void fileInfo_hasHandleAndBits() {
    Pointer file = memory(40);
    Structs.setHandle(file.address(), 0x123456789L);
    Structs.keepCache(file.address());
    file.putInt(0, 2);
    assertThat(file.getLong(24)).isEqualTo(0x123456789L);
    assertThat(file.getByte(20)).isEqualTo((byte) 2);
    assertThat(Structs.handle(file.address())).isEqualTo(0x123456789L);
    assertThat(Structs.flags(file.address())).isEqualTo(2);
  }

  @Test
  void connectionInfo_hasWhatIsWanted() {
    Pointer connection = memory(128);
    connection.putInt(24, 1);
    Structs.want(connection.address(), 1 << 5);
    assertThat(connection.getInt(24)).isEqualTo(1 | 1 << 5);
  }

  @Test
  void stat_isFilledWhereTheCLibraryHasIt() {
    Pointer memory = memory(144);
    Stat stat = new Stat();
    stat.ino = 1L << 40;
    stat.nlink = 3;
    stat.mode = 0100644;
    stat.uid = 0xfffffffd;
    stat.size = 1L << 41;
    stat.mtime = 1L << 33;
    stat.mtimeNanos = 999_999_999;
    new StatStructs().put(memory.address(), stat);
    assertThat(memory.getLong(8)).isEqualTo(stat.ino);
    assertThat(memory.getLong(16)).isEqualTo(3);
    assertThat(memory.getInt(24)).isEqualTo(0100644);
    assertThat(memory.getInt(28)).isEqualTo(0xfffffffd);
    assertThat(memory.getLong(48)).isEqualTo(1L << 41);
    assertThat(memory.getLong(88)).isEqualTo(1L << 33);
    assertThat(memory.getLong(96)).isEqualTo(999_999_999);
  }

  @Test
  void libraryThatIsNotThere_doesNotLoad() {
    assertThatThrownBy(() -> Libfuse.load("libfuse-of-nobody.so.2"))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("libfuse-of-nobody.so.2");
  }
}

package dev.lamina.fuse.libfuse;

import com.kenai.jffi.MemoryIO;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;

/**
 * Fills {@code struct stat} and {@code struct statvfs} of the C library, which lie otherwise on
 * each processor: jnr-fuse knows how. Belongs to one worker.
 */
final class StatStructs {
  private final Runtime runtime = Runtime.getSystemRuntime();
  private final FileStat stat = new FileStat(runtime);
  private final Statvfs statvfs = new Statvfs(runtime);

  /** Fills the {@code struct stat} at {@code address}; libfuse passes no birth time on. */
  void put(long address, Stat from) {
    MemoryIO.getInstance().setMemory(address, Struct.size(stat), (byte) 0);
    stat.useMemory(Pointer.wrap(runtime, address));
    stat.st_ino.set(from.ino);
    stat.st_mode.set(from.mode);
    stat.st_nlink.set(from.nlink);
    stat.st_uid.set(from.uid);
    stat.st_gid.set(from.gid);
    stat.st_rdev.set(from.rdev);
    stat.st_size.set(from.size);
    stat.st_blksize.set(from.blksize);
    stat.st_blocks.set(from.blocks);
    stat.st_atim.tv_sec.set(from.atime);
    stat.st_atim.tv_nsec.set(from.atimeNanos);
    stat.st_mtim.tv_sec.set(from.mtime);
    stat.st_mtim.tv_nsec.set(from.mtimeNanos);
    stat.st_ctim.tv_sec.set(from.ctime);
    stat.st_ctim.tv_nsec.set(from.ctimeNanos);
  }

  /** Memory for {@link #putEntry}. */
  Pointer forEntries() {
    return Memory.allocateDirect(runtime, Struct.size(stat), true);
  }

  /** Puts in what libfuse takes from it for a directory entry. */
  void putEntry(Pointer entry, long ino, int type) {
    stat.useMemory(entry);
    stat.st_ino.set(ino);
    stat.st_mode.set(type << 12);
  }

  /** Fills the {@code struct statvfs} at {@code address}. */
  void put(long address, StatFs from) {
    MemoryIO.getInstance().setMemory(address, Struct.size(statvfs), (byte) 0);
    statvfs.useMemory(Pointer.wrap(runtime, address));
    statvfs.f_bsize.set(from.blockSize);
    statvfs.f_frsize.set(from.fragmentSize);
    statvfs.f_blocks.set(from.blocks);
    statvfs.f_bfree.set(from.freeBlocks);
    statvfs.f_bavail.set(from.availableBlocks);
    statvfs.f_files.set(from.files);
    statvfs.f_ffree.set(from.freeFiles);
    statvfs.f_favail.set(from.freeFiles);
    statvfs.f_namemax.set(from.nameLength);
  }
}

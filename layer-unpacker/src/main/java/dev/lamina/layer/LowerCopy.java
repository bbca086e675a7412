package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.layer.Attributes.Values;
import dev.lamina.layer.LowerLayers.LowerEntry;
import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Brings a file of a lower layer up into the layer being applied, whole (rule 7). */
final class LowerCopy {
  private final Attributes attributes;

  LowerCopy(Attributes attributes) {
    this.attributes = attributes;
  }

  /** Copies anything but a directory to {@code name} of {@code parent}, which is free. */
  void copy(LowerEntry source, OpenDirectory parent, Name name)
      throws ImageException, ErrnoException {
    Values values = values(source);
    int mode = source.stat().mode;
    if (FileMode.isRegular(mode)) {
      copyFile(source, parent, name, values);
    } else if (FileMode.isSymlink(mode)) {
      At.symlink(Name.of(source.readlink()), parent.fd(), name);
      attributes.applyToNode(parent, name, values, true);
    } else {
      attributes.makeNode(parent, name, mode & FileMode.S_IFMT, source.stat().rdev, values);
    }
  }

  private void copyFile(LowerEntry source, OpenDirectory parent, Name name, Values values)
      throws ImageException, ErrnoException {
    int from = source.open();
    try {
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      int to = At.open(parent.fd(), name, flags, 0600);
      try {
        FileData.copy(from, to, source.stat().size);
        attributes.applyToFile(parent, to, values);
      } finally {
        Fd.close(to);
      }
    } finally {
      Fd.close(from);
    }
  }

  /** The attributes of a lower object, as an archive's entry would give them. */
  Values values(LowerEntry source) throws ErrnoException {
    Stat stat = source.stat();
    int mode = stat.mode & FileMode.PERMISSIONS;
    return new Values(stat.uid, stat.gid, mode, stat.mtime, stat.mtimeNanos, xattrs(source));
  }

  /** Attributes under the names that archives know them by; marks of the store stay behind. */
  private static List<TarXattr> xattrs(LowerEntry source) throws ErrnoException {
    NativeMemory list = NativeMemory.allocate(Xattr.SIZE_MAX);
    int size = Xattr.list(source.dirfd(), source.name(), list, 0, Xattr.SIZE_MAX);
    byte[] names = list.copy(0, size);
    List<TarXattr> xattrs = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < size; i++) {
      if (names[i] == 0) {
        byte[] stored = Arrays.copyOfRange(names, from, i);
        from = i + 1;
        byte[] value =
            XattrPolicy.isMark(stored)
                ? null
                : Xattr.get(source.dirfd(), source.name(), Name.of(stored));
        if (value != null) {
          xattrs.add(new TarXattr(XattrPolicy.archiveName(stored), value));
        }
      }
    }
    return xattrs;
  }
}

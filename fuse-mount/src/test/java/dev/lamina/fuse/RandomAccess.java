package dev.lamina.fuse;

/** Random changes of a file, by descriptors, mappings and names, compared with a plain file. */
final class RandomAccess {
  /**
   * Changes the file $1 and a copy of $2, which has the same content; prints "same" if they have it
   * afterwards, and had it whenever some of it was read.
   */
  static final String SCRIPT =
      """
      exec python3 - "$1" "$2" <<'END'
      import mmap, os, random, sys, tempfile
      random.seed(2026)
      model = bytearray(open(sys.argv[2], 'rb').read())
      path = sys.argv[1]
      fd = os.open(path, os.O_RDWR)
      reader = os.open(path, os.O_RDONLY)
      for step in range(600):
          size = len(model)
          kind = random.random()
          at = random.randrange(size)
          length = min(random.choice((1, 100, 4096, 5000, 70000)), size - at)
          if kind < 0.3:
              data = random.randbytes(length)
              if random.random() < 0.3:
                  at, data = at // 4096 * 4096, random.randbytes(8192)
              os.pwrite(fd, data, at)
              model[at:at + len(data)] = data
          elif kind < 0.35:
              with mmap.mmap(fd, 0) as view:
                  view[at:at + length] = bytes(length)
              model[at:at + length] = bytes(length)
          elif kind < 0.4:
              os.truncate(path, size - random.randrange(20000))
              del model[os.stat(path).st_size:]
          elif kind < 0.45:
              os.ftruncate(fd, size + random.randrange(20000))
              model.extend(bytes(os.fstat(fd).st_size - size))
          elif kind < 0.47:
              os.fsync(fd)
          else:
              which = random.choice((fd, reader))
              if os.pread(which, length, at) != bytes(model[at:at + length]):
                  sys.exit('at %d, %d bytes in step %d' % (at, length, step))
      os.close(fd)
      print('same' if open(path, 'rb').read() == model else 'different')
      END
      """;

  private RandomAccess() {}
}

package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Keeps a layer's blob while it is read: what {@link #stream} gives is what the file has.
 *
 * <p>A blob that is a file of the same filesystem is not written a second time. It shares its
 * blocks (FICLONE) where the filesystem can. Otherwise it becomes a hard link, as git makes them of
 * a local repository's objects, if the file belongs to the store's owner and nobody else may write
 * it: tools write blobs of a layout once and call them by their digest. Either way the store's own
 * file is what is read and verified, and every reader verifies again.
 */
final class BlobCopy {
  private static final int BUFFER = 1 << 16;
  private static final int WRITABLE_BY_OTHERS = 022;

  private final InputStream stream;
  private final Optional<Digest> stated;
  private final MessageDigest computation;

  private BlobCopy(InputStream stream, Optional<Digest> stated, MessageDigest computation) {
    this.stream = stream;
    this.stated = stated;
    this.computation = computation;
  }

  /**
   * Begins to keep {@code layer}'s blob as {@code target}, a new file.
   *
   * @param opened the blob at its start, taken over
   */
  static BlobCopy of(ImageSource source, LayerBlob layer, InputStream opened, Path target)
      throws IOException {
    MessageDigest computation = layer.digest().isPresent() ? null : Digest.newSha256();
    InputStream in = opened;
    try {
      Optional<Path> file = source.layerFile(layer);
      if (file.isPresent() && share(file.get(), target)) {
        in.close();
        in = Files.newInputStream(target);
        // Its digest is computed by the reader if it is stated.
        return new BlobCopy(
            computation == null ? in : new Copying(in, null, computation),
            layer.digest(),
            computation);
      }
      OutputStream out = Files.newOutputStream(target);
      return new BlobCopy(new Copying(in, out, computation), layer.digest(), computation);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** The blob, for its reader to verify and close. */
  InputStream stream() {
    return stream;
  }

  /** The digest of what was kept, when the stream was read to its end and verified. */
  Digest digest() {
    return stated.orElseGet(() -> Digest.sha256(computation));
  }

  private static boolean share(Path file, Path target) throws IOException {
    int from = At.open(At.FDCWD, Name.of(file.toString()), OpenFlags.O_RDONLY, 0);
    try {
      Stat stat = new Stat();
      At.stat(from, stat);
      return stat.isRegular() && (clone(from, target) || link(from, stat, target));
    } finally {
      Fd.close(from);
    }
  }

  private static boolean clone(int from, Path target) throws IOException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    int to = At.open(At.FDCWD, Name.of(target.toString()), flags, 0600);
    try {
      if (Fd.cloneFrom(to, from)) {
        return true;
      }
    } finally {
      Fd.close(to);
    }
    Files.delete(target);
    return false;
  }

  private static boolean link(int from, Stat stat, Path target) throws ErrnoException {
    Stat directory = new Stat();
    At.stat(At.FDCWD, Name.of(target.getParent().toString()), directory);
    if (stat.uid != directory.uid
        || (stat.mode & WRITABLE_BY_OTHERS) != 0
        || stat.dev != directory.dev) {
      return false;
    }
    try {
      At.linkDescriptor(from, At.FDCWD, Name.of(target.toString()));
      return true;
    } catch (ErrnoException e) {
      // Too many links, or a filesystem without any.
      return false;
    }
  }

  /** Writes, and with {@code computation} hashes, what is read. */
  private static final class Copying extends FilterInputStream {
    private final OutputStream out;
    private final MessageDigest computation;

    Copying(InputStream in, OutputStream out, MessageDigest computation) {
      super(in);
      this.out = out;
      this.computation = computation;
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
      int got = in.read(target, from, Math.min(count, BUFFER));
      if (got > 0) {
        if (computation != null) {
          computation.update(target, from, got);
        }
        if (out != null) {
          keep(target, from, got);
        }
      }
      return got;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** A full disk is no fault of the blob, as another exception would be taken for. */
    private void keep(byte[] bytes, int from, int count) throws ImageException {
      try {
        out.write(bytes, from, count);
      } catch (IOException e) {
        throw ImageException.host("keeping a blob", e);
      }
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    @Override
    public void close() throws IOException {
      try {
        if (out != null) {
          out.close();
        }
      } finally {
        in.close();
      }
    }
  }
}

package dev.lamina.fuse;

import dev.lamina.fuse.MountException.Reason;
import dev.lamina.fuse.libfuse.LibfuseServer;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.fuse.session.Server;
import dev.lamina.fuse.session.Session;
import dev.lamina.fuse.session.SessionOptions;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Mounts;
import dev.lamina.linux.UserNamespace;
import dev.lamina.overlay.InodeFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Describes a mount and makes it; see {@link FuseMount#of}. As root it mounts with mount(2), and
 * devices and set-uid programs work in it unless {@link #mountFlags} says otherwise. An ordinary
 * user needs {@code fusermount3}, which allows neither. Not thread-safe.
 */
public final class FuseMountBuilder {
  /** Most data in one request that kernels take without further configuration. */
  private static final int LARGEST_WRITE = 1 << 20;

  private static final int PAGE = 4096;

  private final InodeFileSystem fileSystem;
  private Path mountPoint;
  private boolean readOnly;
  private String subtype = "lamina";
  private String source = "lamina";
  private Boolean allowOther;
  private int workers = Math.max(4, Math.min(16, 2 * Runtime.getRuntime().availableProcessors()));
  private int maxWrite = LARGEST_WRITE;
  private long mountFlags;
  private IoUringMode ioUring = IoUringMode.AUTO;
  private boolean flushOnClose;
  private PassthroughPolicy passthrough = PassthroughPolicy.AUTO;
  private boolean writeback;
  private Transport transport = Transport.KERNEL;
  private Duration closeGrace = Duration.ofSeconds(2);

  FuseMountBuilder(InodeFileSystem fileSystem) {
    this.fileSystem = Objects.requireNonNull(fileSystem);
  }

  /** The directory to mount on; required. */
  public FuseMountBuilder on(Path directory) {
    mountPoint = Objects.requireNonNull(directory);
    return this;
  }

  /** Refuses all changes with EROFS, in the kernel. Default false. */
  public FuseMountBuilder readOnly(boolean value) {
    readOnly = value;
    return this;
  }

  /** The filesystem type becomes {@code fuse.NAME}; default {@code lamina}. */
  public FuseMountBuilder subtype(String name) {
    subtype = Objects.requireNonNull(name);
    return this;
  }

  /** What {@code mount} and {@code df} show as the device; default {@code lamina}. */
  public FuseMountBuilder source(String name) {
    source = Objects.requireNonNull(name);
    return this;
  }

  /**
   * Whether other users than the mounting one may enter. Default: as root yes, else where {@code
   * user_allow_other} is in {@code /etc/fuse.conf}.
   */
  public FuseMountBuilder allowOther(boolean value) {
    allowOther = value;
    return this;
  }

  /** Who speaks the kernel's protocol; default KERNEL. */
  public FuseMountBuilder transport(Transport value) {
    transport = Objects.requireNonNull(value);
    return this;
  }

  /** How requests come from the kernel; default AUTO. */
  public FuseMountBuilder ioUring(IoUringMode mode) {
    ioUring = Objects.requireNonNull(mode);
    return this;
  }

  /**
   * Most threads that serve requests which come through {@code /dev/fuse}, at least 1; default two
   * per CPU, but from 4 to 16. Here and over io_uring there are as many as requests call for.
   */
  public FuseMountBuilder workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a mount needs at least one worker");
    }
    workers = count;
    return this;
  }

  /**
   * Most bytes of data in one request, 4 KiB to 1 MiB, rounded down to a multiple of 4 KiB. Workers
   * keep buffers of that size, of which they take what is used. Default 1 MiB.
   */
  public FuseMountBuilder maxWrite(int bytes) {
    if (bytes < PAGE || bytes > LARGEST_WRITE) {
      throw new IllegalArgumentException("maxWrite must be from 4096 to 1048576");
    }
    maxWrite = bytes / PAGE * PAGE;
    return this;
  }

  /** More flags for mount(2): MS_* of {@link Mounts}, such as MS_NODEV. Default none. */
  public FuseMountBuilder mountFlags(long flags) {
    mountFlags = flags;
    return this;
  }

  /**
   * Whether close(2) of a file calls {@link InodeFileSystem#flush} and reports its error. That
   * costs a request per close, and only network filesystems ever have something to report. Default
   * false.
   */
  public FuseMountBuilder flushOnClose(boolean value) {
    flushOnClose = value;
    return this;
  }

  /**
   * Which files the kernel reads and writes without asking this process, where it can. Default
   * AUTO.
   */
  public FuseMountBuilder passthrough(PassthroughPolicy policy) {
    passthrough = Objects.requireNonNull(policy);
    return this;
  }

  /**
   * Whether the kernel may keep for a while what programs write, and write it in larger pieces,
   * where there is no passthrough. Errors of the upper filesystem, a full one say, are then
   * reported by fsync and close and no longer by write, and holes of files are not seen through the
   * mount. Default false.
   */
  public FuseMountBuilder writeback(boolean value) {
    writeback = value;
    return this;
  }

  /** How long {@link FuseMount#close} lets programs go on that use the mount; default 2 seconds. */
  public FuseMountBuilder closeGrace(Duration duration) {
    closeGrace = Objects.requireNonNull(duration);
    return this;
  }

  /**
   * Mounts. When this returns, the mount is live.
   *
   * @throws MountException with the reason, in one line, why there is no mount; nothing is left
   *     behind
   */
  public FuseMount mount() throws IOException {
    if (mountPoint == null) {
      throw new IllegalStateException("no mount point given");
    }
    if (transport == Transport.LIBFUSE) {
      requirePossible();
      LibfuseTransport.require();
    }
    MountPoint point = MountPoint.of(mountPoint);
    point.requireFree();
    MountSpec spec =
        new MountSpec(
            point.path().toString(),
            source,
            subtype,
            mountFlags | (readOnly ? Mounts.MS_RDONLY : 0),
            allowOther,
            transport == Transport.LIBFUSE
                ? Math.min(maxWrite, LibfuseServer.LARGEST_TRANSFER)
                : maxWrite);
    if (Identity.processUid() != 0) {
      return mount(point, spec, requireFusermount(null));
    }
    try {
      return mount(point, spec, new DirectMounter());
    } catch (MountException e) {
      // Root without CAP_SYS_ADMIN, in a container.
      if (e.reason() != Reason.NO_PRIVILEGE) {
        throw e;
      }
      return mount(point, spec, requireFusermount(e));
    }
  }

  /** What was asked for and libfuse has not; what it has in its stead is no less right. */
  private void requirePossible() throws MountException {
    String impossible =
        ioUring == IoUringMode.ON
            ? "io_uring"
            : passthrough == PassthroughPolicy.ALL
                ? "passthrough"
                : writeback ? "writeback caching" : null;
    if (impossible != null) {
      throw new MountException(Reason.REFUSED, "there is no " + impossible + " through libfuse");
    }
  }

  private static Mounter requireFusermount(MountException cause) throws MountException {
    return FusermountMounter.find()
        .orElseThrow(
            () ->
                new MountException(
                    Reason.NO_PRIVILEGE,
                    "mounting needs root, or fusermount3 (Debian package fuse3)"
                        + (cause == null ? "" : "; " + cause.getMessage()),
                    cause));
  }

  private FuseMount mount(MountPoint point, MountSpec spec, Mounter mounter) throws IOException {
    boolean throughLibfuse = transport == Transport.LIBFUSE;
    boolean askForIoUring = !throughLibfuse && IoUringSwitch.prepare(ioUring);
    int device = mounter.mount(spec);
    boolean handedOver = false;
    try {
      MountTable.Entry entry =
          point
              .mounted()
              .orElseThrow(
                  () ->
                      new MountException(
                          Reason.REFUSED, "the mount on " + point.path() + " disappeared"));
      handedOver = true;
      Server server =
          throughLibfuse
              ? LibfuseTransport.serve(device, fileSystem, workers, spec, flushOnClose)
              : serve(device, askForIoUring);
      return new FuseMount(mounter, entry, server, transport, closeGrace);
    } catch (IOException | RuntimeException | Error e) {
      if (!handedOver) {
        Fd.close(device);
      }
      undo(mounter, spec, e);
      if (e instanceof ErrnoException errno && errno.errno() == Errno.EPROTO) {
        throw new MountException(Reason.PROTOCOL, errno.getMessage(), errno);
      }
      throw e;
    }
  }

  private Server serve(int device, boolean askForIoUring) throws IOException {
    Session session =
        Session.start(
            device,
            fileSystem,
            new SessionOptions(
                askForIoUring,
                workers,
                maxWrite,
                flushOnClose,
                writeback && !mayPassThrough() ? PassthroughPolicy.OFF : passthrough,
                writeback));
    IoUringSwitch.explain(ioUring, session.isOverIoUring());
    return session;
  }

  /** Fuse's own rule for {@code FUSE_DEV_IOC_BACKING_OPEN} (fs/fuse/backing.c). */
  private static boolean mayPassThrough() {
    int self = Math.toIntExact(ProcessHandle.current().pid());
    return UserNamespace.hasCapability(self, UserNamespace.CAP_SYS_ADMIN);
  }

  private static void undo(Mounter mounter, MountSpec spec, Throwable cause) {
    try {
      mounter.unmount(spec.mountPoint(), Mounter.Mode.LAZY);
    } catch (ErrnoException e) {
      cause.addSuppressed(e);
    }
  }
}

package dev.lamina.overlay;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.lamina.overlay.event.OverlayListener;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What an {@link Overlay} is made of. Immutable; see the {@link Builder} for the defaults. */
public final class OverlayOptions {
  /** Where the union keeps its private xattrs. */
  public enum PrivateXattrs {
    /** {@code trusted.overlay.*} where this process may set them, else {@code user.overlay.*}. */
    AUTO,
    TRUSTED,
    USER
  }

  /** Smaller files are copied in less time than a map of their blocks takes to make. */
  public static final long PARTIAL_FROM = 4 << 20;

  private final ImmutableList<LowerLayer> lowers;
  private final ImmutableList<Path> dataLowers;
  private final Path upper;
  private final Path work;
  private final LowerLayer.Marks upperMarks;
  private final PrivateXattrs privateXattrs;
  private final OwnerRecords upperOwners;
  private final Ownership ownership;
  private final RedirectDir redirectDir;
  private final Metacopies metacopies;
  private final long partialFrom;
  private final Duration partialQuiet;
  private final Index index;
  private final boolean syncBeforePublish;
  private final boolean syncOnRequest;
  private final boolean volatileUpper;
  private final boolean accessTimes;
  private final int maxIdleDirectories;
  private final ImmutableList<OverlayListener> listeners;

  private OverlayOptions(Builder builder) {
    this.lowers = builder.lowers.build();
    this.dataLowers = builder.dataLowers.build();
    this.upper = builder.upper;
    this.work = builder.work;
    this.upperMarks = builder.upperMarks;
    this.privateXattrs = builder.privateXattrs;
    this.upperOwners = builder.upperOwners;
    this.ownership = builder.ownership;
    this.redirectDir = builder.redirectDir;
    this.metacopies = builder.metacopies;
    this.partialFrom = builder.partialFrom;
    this.partialQuiet = builder.partialQuiet;
    this.index = builder.index;
    this.syncBeforePublish = builder.syncBeforePublish && !builder.volatileUpper;
    this.syncOnRequest = builder.syncOnRequest && !builder.volatileUpper;
    this.volatileUpper = builder.volatileUpper;
    this.accessTimes = builder.accessTimes;
    this.maxIdleDirectories = builder.maxIdleDirectories;
    this.listeners = builder.listeners.build();
  }

  /** Starts with the defaults, and no layers. */
  public static Builder builder() {
    return new Builder();
  }

  /** The read-only layers, topmost first. */
  public ImmutableList<LowerLayer> lowers() {
    return lowers;
  }

  /** The data-only layers below {@link #lowers}, topmost first. */
  public ImmutableList<Path> dataLowers() {
    return dataLowers;
  }

  /** The writable layer; empty for a read-only union. */
  public Optional<Path> upper() {
    return Optional.ofNullable(upper);
  }

  /** The scratch directory, on the filesystem of the upper; there whenever the upper is. */
  public Optional<Path> work() {
    return Optional.ofNullable(work);
  }

  /** Which marks the upper may hold already. */
  public LowerLayer.Marks upperMarks() {
    return upperMarks;
  }

  /** Where the union keeps its private xattrs. */
  public PrivateXattrs privateXattrs() {
    return privateXattrs;
  }

  /** Where objects of the upper say whose they are. */
  public OwnerRecords upperOwners() {
    return upperOwners;
  }

  /** Which owners are shown for those that the layers keep. */
  public Ownership ownership() {
    return ownership;
  }

  /** How directories of lower layers are renamed; with {@code user.*} xattrs they never are. */
  public RedirectDir redirectDir() {
    return redirectDir;
  }

  /** Whether metadata is promoted without data. */
  public Metacopies metacopies() {
    return metacopies;
  }

  /**
   * Size in bytes from which on data is promoted block by block, {@link Long#MAX_VALUE} for never.
   */
  public long partialFrom() {
    return partialFrom;
  }

  /** How long nobody writes a file that is promoted in part before the rest of it is copied. */
  public Duration partialQuiet() {
    return partialQuiet;
  }

  /** What becomes of hard links of lowers when one of them is promoted. */
  public Index index() {
    return index;
  }

  /** Whether a promoted file is on stable storage before it appears; false for "volatile". */
  public boolean syncBeforePublish() {
    return syncBeforePublish;
  }

  /** Whether {@code fsync} and its like of the union's users reach the disk. */
  public boolean syncOnRequest() {
    return syncOnRequest;
  }

  /** Whether the upper is marked as one that a crash may damage unseen. */
  public boolean volatileUpper() {
    return volatileUpper;
  }

  /** Whether reading a file of the upper moves its access time, as its filesystem is mounted. */
  public boolean accessTimes() {
    return accessTimes;
  }

  /** How many directory descriptors may stay open while nobody uses them. */
  public int maxIdleDirectories() {
    return maxIdleDirectories;
  }

  /** Who is told what the overlay does. */
  public ImmutableList<OverlayListener> listeners() {
    return listeners;
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private final ImmutableList.Builder<LowerLayer> lowers = ImmutableList.builder();
    private final ImmutableList.Builder<Path> dataLowers = ImmutableList.builder();
    private Path upper;
    private Path work;
    private LowerLayer.Marks upperMarks = LowerLayer.Marks.ANY;
    private PrivateXattrs privateXattrs = PrivateXattrs.AUTO;
    private OwnerRecords upperOwners = OwnerRecords.NONE;
    private Ownership ownership = Ownership.AS_STORED;
    private RedirectDir redirectDir = RedirectDir.ON;
    private Metacopies metacopies = Metacopies.AUTO;
    private long partialFrom = PARTIAL_FROM;
    private Duration partialQuiet = Duration.ofSeconds(1);
    private Index index = Index.AUTO;
    private boolean syncBeforePublish = true;
    private boolean syncOnRequest = true;
    private boolean volatileUpper;
    private boolean accessTimes = true;
    private int maxIdleDirectories = 1024;
    private final ImmutableList.Builder<OverlayListener> listeners = ImmutableList.builder();

    private Builder() {}

    /** Adds a layer below all added so far, read with marks of any dialect. */
    @CanIgnoreReturnValue
    public Builder addLower(Path path) {
      return addLower(new LowerLayer(path, LowerLayer.Marks.ANY));
    }

    /** Adds a layer below all added so far. */
    @CanIgnoreReturnValue
    public Builder addLower(LowerLayer lower) {
      lowers.add(lower);
      return this;
    }

    /**
     * Adds a layer below all others whose names do not show: its files are reached by the absolute
     * redirects of metacopies in lowers alone. Needs a lower that is none.
     */
    @CanIgnoreReturnValue
    public Builder addDataLower(Path path) {
      dataLowers.add(path);
      return this;
    }

    /** Makes the union writable. Both directories exist and lie on one filesystem. */
    @CanIgnoreReturnValue
    public Builder writable(Path upperDirectory, Path workDirectory) {
      this.upper = upperDirectory;
      this.work = workDirectory;
      return this;
    }

    /** Which marks the upper may hold already; any by default. New ones are the kernel's. */
    @CanIgnoreReturnValue
    public Builder upperMarks(LowerLayer.Marks marks) {
      this.upperMarks = marks;
      return this;
    }

    /** {@link PrivateXattrs#AUTO} by default. */
    @CanIgnoreReturnValue
    public Builder privateXattrs(PrivateXattrs where) {
      this.privateXattrs = where;
      return this;
    }

    /**
     * Where new and changed objects of the upper say whose they are; in themselves by default. A
     * process that is not root cannot chown, and needs records to show others' files as theirs.
     */
    @CanIgnoreReturnValue
    public Builder upperOwners(OwnerRecords records) {
      this.upperOwners = records;
      return this;
    }

    /** {@link Ownership#AS_STORED} by default. */
    @CanIgnoreReturnValue
    public Builder ownership(Ownership shown) {
      this.ownership = shown;
      return this;
    }

    /**
     * {@link RedirectDir#ON} by default. Without effect with {@code user.*} xattrs, where redirects
     * are neither made nor followed.
     */
    @CanIgnoreReturnValue
    public Builder redirectDir(RedirectDir redirects) {
      this.redirectDir = redirects;
      return this;
    }

    /**
     * {@link Metacopies#AUTO} by default. {@link Metacopies#ON} needs {@link RedirectDir#ON} (the
     * opening fails with EINVAL) and is without effect with {@code user.*} xattrs.
     */
    @CanIgnoreReturnValue
    public Builder metacopies(Metacopies wanted) {
      this.metacopies = wanted;
      return this;
    }

    /**
     * From how many bytes on a file is promoted block by block as it is written, the rest in the
     * background; {@link #PARTIAL_FROM} by default. {@link Long#MAX_VALUE} copies every file before
     * its first write. Without effect where no metacopies are made, or blocks can be shared.
     */
    @CanIgnoreReturnValue
    public Builder partialFrom(long bytes) {
      this.partialFrom = bytes;
      return this;
    }

    /**
     * How long nobody writes a file that is promoted in part before the rest of it is copied in the
     * background; after a failure, such as a full disk, ten times as long. One second by default.
     */
    @CanIgnoreReturnValue
    public Builder partialQuiet(Duration time) {
      this.partialQuiet = time;
      return this;
    }

    /** {@link Index#AUTO} by default. Without effect on a read-only union. */
    @CanIgnoreReturnValue
    public Builder index(Index wanted) {
      this.index = wanted;
      return this;
    }

    /** False trades safety against a crash of the host for speed. True by default. */
    @CanIgnoreReturnValue
    public Builder syncBeforePublish(boolean sync) {
      this.syncBeforePublish = sync;
      return this;
    }

    /**
     * False makes {@code fsync}, {@code fdatasync}, {@code syncfs} and {@code O_SYNC} of the
     * union's users wait for nothing; they still fail once data was lost. True by default.
     */
    @CanIgnoreReturnValue
    public Builder syncOnRequest(boolean wanted) {
      this.syncOnRequest = wanted;
      return this;
    }

    /**
     * True omits all syncs and leaves the mark {@code work/incompat/volatile} in the work
     * directory, which refuses the upper to later mounts until somebody removes it: kernel
     * overlayfs's {@code volatile}. False by default.
     */
    @CanIgnoreReturnValue
    public Builder volatileUpper(boolean isVolatile) {
      this.volatileUpper = isVolatile;
      return this;
    }

    /** False is the mount option {@code noatime}. True by default; lowers' never move. */
    @CanIgnoreReturnValue
    public Builder accessTimes(boolean move) {
      this.accessTimes = move;
      return this;
    }

    /**
     * How many descriptors of directories may stay open while nobody uses them; 1024 by default.
     */
    @CanIgnoreReturnValue
    public Builder maxIdleDirectories(int count) {
      this.maxIdleDirectories = count;
      return this;
    }

    /** Adds one that is told what the overlay does, after those added so far. None by default. */
    @CanIgnoreReturnValue
    public Builder listener(OverlayListener listener) {
      listeners.add(listener);
      return this;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException without any layer, or with data-only lowers alone
     */
    public OverlayOptions build() {
      OverlayOptions options = new OverlayOptions(this);
      if (options.lowers.isEmpty() && options.upper == null) {
        throw new IllegalArgumentException("an overlay needs at least one layer");
      }
      if (options.lowers.isEmpty() && !options.dataLowers.isEmpty()) {
        throw new IllegalArgumentException("data-only layers need a lower above them");
      }
      return options;
    }
  }
}

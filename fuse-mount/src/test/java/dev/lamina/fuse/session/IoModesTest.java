package dev.lamina.fuse.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.Opened;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IoModesTest {
  private static final long NODE = 5;
  private static final int READ = OpenFlags.O_RDONLY;
  private static final int WRITE = OpenFlags.O_RDWR;

  private final Data data = new Data();
  private final Numbers numbers = new Numbers();
  private final Set<Long> held = new HashSet<>(Set.of(NODE));
  private final IoModes modes = new IoModes(PassthroughPolicy.AUTO, numbers, held::contains);

  /** Gives out 1, 2, 3, ... */
  private static final class Numbers implements IoModes.Backings {
    final Set<Integer> open = new HashSet<>();
    int last;
    int refuseWith;

    @Override
    public int open(int fd) throws ErrnoException {
      if (refuseWith != 0) {
        throw new ErrnoException(refuseWith, "backing");
      }
      open.add(++last);
      return last;
    }

    @Override
    public void close(int number) {
      assertThat(open.remove(number)).isTrue();
    }
  }

  /** That of no program. */
  private static final class Data implements IoModes.Contents {
    long moment = IoModes.NEVER;
    int cached;

    @Override
    public boolean isCode(Opened opened) {
      return false;
    }

    @Override
    public long moment() {
      return moment;
    }

    @Override
    public void cache() {
      cached++;
    }
  }

  private static Opened file(boolean settled) {
    Opened opened = new Opened();
    // No descriptor of this process.
    opened.descriptor = 1 << 20;
    opened.settled = settled;
    return opened;
  }

  private int open(long node, boolean settled, int flags) {
    return modes.open(node, file(settled), flags, data);
  }

  @Test
  void settledFile_hasOneNumberForAllItsOpens() {
    assertThat(open(NODE, true, READ)).isEqualTo(1);
    assertThat(open(NODE, true, WRITE)).isEqualTo(1);
    modes.released(NODE);
    assertThat(open(NODE, true, READ)).isEqualTo(1);
  }

  @Test
  void closedFile_keepsItsNumberUntilItIsForgotten() {
    open(NODE, true, READ);
    modes.released(NODE);
    assertThat(open(NODE, true, READ)).isEqualTo(1);
    modes.released(NODE);
    modes.forgotten(NODE);
    assertThat(numbers.open).as("forgotten in part").containsExactly(1);
    held.clear();
    modes.forgotten(NODE);
    assertThat(numbers.open).isEmpty();
  }

  @Test
  void fileForgottenWhileOpen_losesItsNumberAtTheLastRelease() {
    // RELEASE and FORGET are served by different workers, in either order.
    open(NODE, true, READ);
    held.clear();
    modes.forgotten(NODE);
    assertThat(numbers.open).containsExactly(1);
    modes.released(NODE);
    assertThat(numbers.open).isEmpty();
  }

  @Test
  void numbersOfClosedFiles_areBounded() {
    for (long node = 1; node <= 5000; node++) {
      held.add(node);
      open(node, true, READ);
      modes.released(node);
    }
    assertThat(numbers.open).hasSize(1024).contains(5000).doesNotContain(1);
  }

  @Test
  void lowerFile_staysCachedWhileItIsOpen() {
    assertThat(open(NODE, false, READ)).isEqualTo(IoModes.CACHED);
    assertThat(open(NODE, true, WRITE)).as("promoted").isEqualTo(IoModes.CACHED);
    modes.released(NODE);
    modes.released(NODE);
    assertThat(open(NODE, true, READ)).isEqualTo(1);
  }

  @Test
  void dataMovedWhileInPassthrough_needsAnotherNode() {
    IoModes all = new IoModes(PassthroughPolicy.ALL, numbers, held::contains);
    assertThat(all.open(NODE, file(false), READ, data)).isEqualTo(1);
    assertThat(all.open(NODE, file(true), WRITE, data)).isEqualTo(IoModes.MOVED);
    assertThat(all.isVolatile(NODE)).isTrue();
    assertThat(all.open(6, file(true), WRITE, data)).isEqualTo(2);
    all.released(NODE);
    assertThat(all.open(NODE, file(true), READ, data)).as("closed").isEqualTo(IoModes.MOVED);
    held.clear();
    all.forgotten(NODE);
    assertThat(all.isVolatile(NODE)).isFalse();
    assertThat(all.open(NODE, file(true), READ, data)).as("another file").isEqualTo(3);
  }

  @Test
  void dataMovedWhileClosed_getsANewNumber() {
    IoModes all = new IoModes(PassthroughPolicy.ALL, numbers, held::contains);
    all.open(NODE, file(false), READ, data);
    all.released(NODE);
    assertThat(all.open(NODE, file(true), READ, data)).isEqualTo(2);
    assertThat(numbers.open).containsExactly(2);
  }

  @Test
  void attributes_mayChangeUnseenWhileSomebodyCanWriteThroughAMapping() {
    open(NODE, true, READ);
    assertThat(modes.isVolatile(NODE)).isFalse();
    open(NODE, true, WRITE);
    assertThat(modes.isVolatile(NODE)).isTrue();
    modes.released(NODE);
    modes.released(NODE);
    assertThat(modes.isVolatile(NODE)).as("the mapping may live on").isTrue();
    held.clear();
    modes.forgotten(NODE);
    assertThat(modes.isVolatile(NODE)).isFalse();
  }

  @Test
  void evictedNumber_doesNotMakeAttributesCertain() {
    open(NODE, true, WRITE);
    modes.released(NODE);
    for (long node = NODE + 16; node <= 16 * 100; node += 16) {
      held.add(node);
      open(node, true, READ);
      modes.released(node);
    }
    assertThat(numbers.open).doesNotContain(1);
    assertThat(modes.isVolatile(NODE)).isTrue();
    held.clear();
    modes.forgotten(NODE);
    assertThat(modes.isVolatile(NODE)).isFalse();
  }

  @Test
  void numberFromBeforeTheTurnOff_isNotTheNextFilesOfThatId() {
    open(NODE, true, READ);
    modes.released(NODE);
    modes.turnOff();
    held.clear();
    modes.forgotten(NODE);
    assertThat(numbers.open).isEmpty();
    assertThat(open(NODE, true, READ)).isEqualTo(IoModes.CACHED);
  }

  @Test
  void oneFileThatCannot_isCachedAfreshAndOthersGoOn() {
    numbers.refuseWith = Errno.ELOOP;
    assertThat(open(NODE, true, READ)).isEqualTo(IoModes.CACHED_AFRESH);
    assertThat(open(NODE, true, READ)).isEqualTo(IoModes.CACHED);
    numbers.refuseWith = 0;
    assertThat(open(6, true, READ)).isEqualTo(1);
  }

  @Test
  void processThatMayNot_doesNotAskAgain() {
    numbers.refuseWith = Errno.EPERM;
    open(NODE, true, READ);
    numbers.refuseWith = 0;
    assertThat(open(6, true, READ)).isEqualTo(IoModes.CACHED);
  }

  @Test
  void off_isCached() {
    modes.turnOff();
    assertThat(open(NODE, true, READ)).isEqualTo(IoModes.CACHED);
  }

  @Test
  void dataReadInAQuietMoment_isCachedAtTheFirstOpenOfAFileOnThePageCache() {
    data.moment = modes.quietMoment(NODE);
    open(NODE, false, READ);
    assertThat(data.cached).isEqualTo(1);
    assertThat(modes.quietMoment(NODE)).as("while open").isEqualTo(IoModes.NEVER);
    open(NODE, false, READ);
    assertThat(data.cached).as("second open").isEqualTo(1);
    modes.released(NODE);
    modes.released(NODE);
    data.moment = modes.quietMoment(NODE);
    open(NODE, true, READ);
    assertThat(data.cached).as("passthrough").isEqualTo(1);
    modes.released(NODE);
    assertThat(modes.quietMoment(NODE)).as("was in passthrough").isEqualTo(IoModes.NEVER);
  }

  @Test
  void dataThatMayHaveChangedSinceItWasRead_isNotCached() {
    data.moment = modes.quietMoment(NODE);
    open(NODE, false, WRITE);
    modes.released(NODE);
    open(NODE, false, READ);
    modes.released(NODE);
    assertThat(data.cached).as("open for writing in between").isZero();

    data.moment = modes.quietMoment(NODE);
    modes.beginChange(NODE);
    modes.endChange(NODE);
    open(NODE, false, READ);
    modes.released(NODE);
    assertThat(data.cached).as("truncated in between").isZero();

    data.moment = modes.quietMoment(NODE);
    modes.beginChange(NODE);
    assertThat(modes.quietMoment(NODE)).isEqualTo(IoModes.NEVER);
    open(NODE, false, READ);
    assertThat(data.cached).as("being truncated").isZero();
  }
}

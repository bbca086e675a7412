package dev.lamina.fuse.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.NativeMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** INIT as kernels of several ages send it. */
class NegotiationTest {
  private final NativeMemory request = NativeMemory.allocate(104);
  private final NativeMemory reply = NativeMemory.allocate(80);

  private final Reply written = new Reply().reset(reply);

  private Negotiation.Outcome answer(int major, int minor, long flags) {
    return answer(major, minor, flags, false);
  }

  private boolean writeback;

  private Negotiation.Outcome answer(int major, int minor, long flags, boolean overIoUring) {
    request.putInt(0, 104);
    request.putInt(4, 26);
    request.putLong(8, 2);
    request.putInt(40, major);
    request.putInt(44, minor);
    request.putInt(48, 131072);
    request.putInt(52, (int) flags);
    request.putInt(56, (int) (flags >>> 32));
    return Negotiation.answer(
        new Request().reset(request, 104),
        written,
        new SessionOptions(overIoUring, 1, 1 << 20, false, PassthroughPolicy.AUTO, writeback),
        overIoUring);
  }

  @ParameterizedTest(name = "7.{0} agrees on 7.{1}")
  @CsvSource({"31, 31", "38, 38", "45, 45", "46, 45", "60, 45"})
  void equalMajors_useTheSmallerMinor(int offered, int agreed) {
    Negotiation.Outcome outcome = answer(7, offered, -1L);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Negotiation.Agreed.class, a -> assertThat(a.protocol().minor()).isEqualTo(agreed));
    assertThat(written.length()).isEqualTo(80);
    assertThat(reply.getInt(4)).isZero();
    assertThat(reply.getInt(16)).isEqualTo(7);
    assertThat(reply.getInt(20)).isEqualTo(agreed);
    assertThat(reply.getInt(24)).as("max_readahead").isEqualTo(131072);
    assertThat(reply.getInt(36)).as("max_write").isEqualTo(1 << 20);
    assertThat(reply.getShort(44) * NativeMemory.pageSize()).as("max_pages").isEqualTo(1 << 20);
  }

  @Test
  void onlyWhatIsOffered_isAskedFor() {
    long offered = InitFlags.ASYNC_READ | InitFlags.MAX_PAGES | InitFlags.WRITEBACK_CACHE;
    answer(7, 31, offered);
    assertThat(reply.getInt(28)).isEqualTo((int) (InitFlags.ASYNC_READ | InitFlags.MAX_PAGES));
    assertThat(reply.getInt(48)).isZero();
  }

  @Test
  void secondHalfOfTheFlags_isGarbageUnlessInitExtIsSet() {
    answer(7, 35, ~InitFlags.INIT_EXT);
    assertThat(reply.getInt(28) & (int) InitFlags.INIT_EXT).isZero();
    assertThat(reply.getInt(48)).isZero();
  }

  @Test
  void whatWouldBreakPromisesOfOurs_isNeverAskedFor() {
    Negotiation.Outcome outcome = answer(7, 45, -1L);
    Protocol protocol = ((Negotiation.Agreed) outcome).protocol();
    long never =
        InitFlags.WRITEBACK_CACHE
            | InitFlags.AUTO_INVAL_DATA
            | InitFlags.POSIX_LOCKS
            | InitFlags.FLOCK_LOCKS
            | InitFlags.EXPORT_SUPPORT
            | InitFlags.SECURITY_CTX
            | InitFlags.CREATE_SUPP_GROUP
            | InitFlags.OVER_IO_URING;
    assertThat(protocol.flags() & never).isZero();
    assertThat(reply.getInt(28)).isEqualTo((int) protocol.flags());
    assertThat(reply.getInt(48)).isEqualTo((int) (protocol.flags() >>> 32));
  }

  @Test
  void writeback_isAskedForWhereNothingIsPassedThrough() {
    writeback = true;
    answer(7, 45, -1L);
    assertThat(reply.getInt(28) & (int) InitFlags.WRITEBACK_CACHE).isZero();
    answer(7, 45, ~InitFlags.PASSTHROUGH);
    assertThat(reply.getInt(28) & (int) InitFlags.WRITEBACK_CACHE).isNotZero();
  }

  @Test
  void ioUring_isAskedForWhereBothHaveIt() {
    int bit = (int) (InitFlags.OVER_IO_URING >>> 32);
    answer(7, 45, -1L, true);
    assertThat(reply.getInt(48) & bit).isEqualTo(bit);
    answer(7, 45, ~InitFlags.OVER_IO_URING, true);
    assertThat(reply.getInt(48) & bit).isZero();
  }

  @Test
  void largerMajor_isToldOursAndAsksAgain() {
    assertThat(answer(8, 3, -1L)).isInstanceOf(Negotiation.AskAgain.class);
    assertThat(reply.getInt(4)).isZero();
    assertThat(reply.getInt(16)).isEqualTo(7);
    assertThat(reply.getInt(20)).isEqualTo(45);
  }

  @ParameterizedTest
  @CsvSource({"7, 30", "7, 0", "6, 99"})
  void olderKernel_isRefusedWithTheVersions(int major, int minor) {
    assertThat(answer(major, minor, -1L))
        .isInstanceOfSatisfying(
            Negotiation.Refused.class,
            r -> assertThat(r.reason()).contains(major + "." + minor, "7.31"));
    assertThat(reply.getInt(4)).as("error").isEqualTo(-71);
    assertThat(reply.getInt(0)).as("length").isEqualTo(16);
  }
}

package dev.lamina.overlay.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.FileHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class OriginHandleTest {
  /** What getfattr(1) showed of a file that kernel overlayfs (Linux 6.18) copied up from ext4. */
  private static final String OF_THE_KERNEL =
      "00fb1d00011dba89546ee547d091c706e3d649e47e0d0000002e875c22";

  private static final byte[] UUID = HexFormat.of().parseHex("1dba89546ee547d091c706e3d649e47e");
  private static final byte[] FID = HexFormat.of().parseHex("0d0000002e875c22");
  private static final int BIG_ENDIAN = 1;
  private static final int ANY_ENDIAN = 2;

  private static byte[] kernels() {
    byte[] value = HexFormat.of().parseHex(OF_THE_KERNEL);
    value[3] = (byte) (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? BIG_ENDIAN : 0);
    return value;
  }

  @Test
  void encode_isWhatTheKernelWrites() {
    OriginHandle handle = new OriginHandle(UUID, new FileHandle(1, FID));
    assertThat(handle.encode()).isEqualTo(kernels());
  }

  @Test
  void decode_readsWhatTheKernelWrites() {
    OriginHandle handle = OriginHandle.decode(kernels());
    assertThat(handle.handle()).isEqualTo(new FileHandle(1, FID));
    assertThat(handle.isOn(UUID)).isTrue();
    assertThat(handle.isOn(new byte[16])).isFalse();
  }

  @Test
  void decode_ofAnotherMachine_onlyWhereByteOrderIsOfNoMatter() {
    byte[] value = kernels();
    value[3] ^= BIG_ENDIAN;
    assertThat(OriginHandle.decode(value)).isNull();
    value[3] |= ANY_ENDIAN;
    assertThat(OriginHandle.decode(value)).isNotNull();
  }

  @Test
  void decode_ofAnythingElse_isNull() {
    assertThat(OriginHandle.decode(OriginHandle.UNKNOWN)).isNull();
    for (int i = 0; i < 3; i++) {
      byte[] value = kernels();
      value[i]++;
      assertThat(OriginHandle.decode(value)).as("byte %d", i).isNull();
    }
    assertThat(OriginHandle.decode(HexFormat.of().parseHex("00fb150001"))).isNull();
  }

  @Test
  void encode_ofWhatDoesNotFit_isUnknown() {
    assertThat(new OriginHandle(UUID, new FileHandle(256, FID)).encode()).isEmpty();
    assertThat(new OriginHandle(UUID, new FileHandle(1, new byte[235])).encode()).isEmpty();
  }
}

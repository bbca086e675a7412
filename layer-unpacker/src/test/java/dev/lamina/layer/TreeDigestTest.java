package dev.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** A digest says what a tree holds, however that lies on the disk. */
@RequiresRoot
final class TreeDigestTest {
  private static final int MIB = 1 << 20;

  @Test
  void holes_areZeros(MountScratch scratch) throws IOException {
    byte[] content = new byte[9 * MIB + 5];
    Random random = new Random(5);
    for (int at : new int[] {2 * MIB, 5 * MIB, 9 * MIB}) {
      for (int i = 0; i < 5; i++) {
        content[at + i] = (byte) random.nextInt(256);
      }
    }
    Path full = scratch.directory("full");
    Files.write(full.resolve("f"), content);
    Path sparse = scratch.directory("sparse");
    try (FileChannel file =
        FileChannel.open(
            sparse.resolve("f"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int at : new int[] {2 * MIB, 5 * MIB, 9 * MIB}) {
        file.write(ByteBuffer.wrap(content, at, 5), at);
      }
    }
    for (Path tree : new Path[] {full, sparse}) {
      Files.setLastModifiedTime(tree.resolve("f"), FileTime.fromMillis(0));
    }
    assertThat(TreeDigest.of(sparse)).isEqualTo(TreeDigest.of(full));
    try (FileChannel file = FileChannel.open(sparse.resolve("f"), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {1}), 3 * MIB);
    }
    Files.setLastModifiedTime(sparse.resolve("f"), FileTime.fromMillis(0));
    assertThat(TreeDigest.of(sparse)).isNotEqualTo(TreeDigest.of(full));
  }

  @Property(tries = 100, seed = "2026")
  void checksumOfParts_isThatOfTheWhole(
      @ForAll @Size(max = 300) byte[] first,
      @ForAll @IntRange(max = 5000) int zeros,
      @ForAll @Size(max = 300) byte[] second) {
    CRC32C whole = new CRC32C();
    whole.update(first);
    whole.update(new byte[zeros]);
    whole.update(second);
    long parts = Crc32cOfParts.withZeros(checksum(first), zeros);
    assertThat(Crc32cOfParts.joined(parts, checksum(second), second.length))
        .isEqualTo(whole.getValue());
  }

  private static long checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return checksum.getValue();
  }
}

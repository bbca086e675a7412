package dev.lamina.layer.tar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the writer writes, the reader reads: every field, every byte, in every combination. */
final class TarWriterTest {
  @Property(tries = 300, seed = "2026")
  void writtenEntry_isReadAsItWas(@ForAll("entries") TarEntry entry) throws IOException {
    byte[] data = new byte[(int) entry.size()];
    Arrays.fill(data, (byte) 0xa5);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter writer = new TarWriter(out)) {
      writer.put(entry, new ByteArrayInputStream(data));
    }
    assertThat(out.size() % 512).isZero();

    TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()), 1 << 20);
    TarEntry read = reader.next();
    byte[] readData = new byte[data.length];
    int at = 0;
    int got;
    while ((got = reader.read(readData, at, Math.max(1, readData.length - at))) >= 0) {
      at += got;
    }
    assertThat(reader.next()).isNull();
    assertThat(readData).isEqualTo(data);
    assertThat(read.type()).isEqualTo(entry.type());
    assertThat(read.name()).isEqualTo(entry.name());
    assertThat(read.linkName()).isEqualTo(entry.linkName());
    assertThat(read.mode()).isEqualTo(entry.mode());
    assertThat(read.uid()).isEqualTo(entry.uid());
    assertThat(read.gid()).isEqualTo(entry.gid());
    assertThat(read.mtime()).isEqualTo(entry.mtime());
    assertThat(read.mtimeNanos()).isEqualTo(entry.mtimeNanos());
    assertThat(read.xattrs()).hasSameSizeAs(entry.xattrs());
    for (int i = 0; i < read.xattrs().size(); i++) {
      assertThat(read.xattrs().get(i).name()).isEqualTo(entry.xattrs().get(i).name());
      assertThat(read.xattrs().get(i).value()).isEqualTo(entry.xattrs().get(i).value());
    }
  }

  @Provide
  Arbitrary<TarEntry> entries() {
    Arbitrary<byte[]> names = bytes(1, 1, 300);
    Arbitrary<Integer> ids = Arbitraries.integers().filter(id -> id != -1);
    Arbitrary<TarEntry> plain =
        Combinators.combine(
                names,
                Arbitraries.integers().between(0, 07777),
                ids,
                ids,
                Arbitraries.longs().between(-1L << 33, 1L << 40),
                Arbitraries.integers().between(0, 999_999_999),
                Arbitraries.integers().between(0, 3000))
            .as(
                (name, mode, uid, gid, mtime, nanos, size) ->
                    new TarEntry(TarType.REGULAR, name)
                        .mode(mode)
                        .owner(uid, gid)
                        .mtime(mtime, nanos)
                        .size(size));
    Arbitrary<TarEntry> links =
        Combinators.combine(names, names)
            .as((name, target) -> new TarEntry(TarType.SYMLINK, name).linkName(target));
    // A PAX key ends at the first '='.
    Arbitrary<byte[]> xattrNames =
        Arbitraries.strings()
            .withChars("aZ=%+ \n\u00ff")
            .ofMinLength(1)
            .map(s -> ("user." + s).getBytes(StandardCharsets.ISO_8859_1));
    Arbitrary<TarEntry> withXattr =
        Combinators.combine(plain, xattrNames, bytes(0, 0, 200))
            .as((entry, name, value) -> entry.xattr(new TarXattr(name, value)));
    return Arbitraries.oneOf(plain, links, withXattr);
  }

  private static Arbitrary<byte[]> bytes(int lowest, int minimum, int maximum) {
    return Arbitraries.bytes()
        .filter(b -> lowest == 0 || b != 0)
        .array(byte[].class)
        .ofMinSize(minimum)
        .ofMaxSize(maximum);
  }
}

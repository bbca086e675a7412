package dev.lamina.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.layer.LayerWriter;
import dev.lamina.linux.FileMode;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An image written here is read here, with what was deleted gone and modes kept. */
@RequiresKernelOverlay
final class OciLayoutWriterTest {
  private static final Instant TIME = Instant.parse("1985-11-05T00:53:20Z");

  private static Descriptor write(Path layout, Path program) throws IOException {
    OciLayoutWriter image = new OciLayoutWriter(layout, TIME);
    image.layer(
        new LayerWriter(TIME)
            .directory("tmp", 01777)
            .file("usr/bin/program", program)
            .symlink("bin", "usr/bin")
            .file("etc/old/a", program)
            .file("etc/gone", program),
        "base");
    image.layer(
        new LayerWriter(TIME).whiteout("etc/gone").opaque("etc/old").file("etc/old/b", program),
        "changes");
    return image.finish("demo", Platform.host(), Map.of("Cmd", List.of("/bin/program")));
  }

  @Test
  void writtenImage_isReadAsItWasMeant(MountScratch scratch) throws IOException {
    Path program = Files.writeString(scratch.root().resolve("program"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-x---"));
    Path layout = scratch.root().resolve("layout");
    write(layout, program);

    StoreFixture store = new StoreFixture(scratch);
    StoredImage image = store.unpack("oci:" + layout + ":demo");
    assertThat(image.config().config()).containsEntry("Cmd", List.of("/bin/program"));
    assertThat(image.config().layerHistory())
        .extracting(ImageConfig.History::createdBy)
        .containsExactly("base", "changes");
    TreeSnapshot tree = store.merged(image);
    assertThat(tree.nodes().keySet())
        .containsExactly(
            ".", "bin", "etc", "etc/old", "etc/old/b", "tmp", "usr", "usr/bin", "usr/bin/program");
    assertThat(tree.nodes().get("usr/bin/program").mode()).isEqualTo(FileMode.S_IFREG | 0750);
    assertThat(tree.nodes().get("tmp").mode()).isEqualTo(FileMode.S_IFDIR | 01777);
    assertThat(tree.nodes().get("bin").target()).isEqualTo("usr/bin");
  }

  @Test
  void sameContent_givesTheSameDigest(MountScratch scratch) throws IOException {
    Path program = Files.writeString(scratch.root().resolve("program"), "x");
    assertThat(write(scratch.root().resolve("one"), program))
        .isEqualTo(write(scratch.root().resolve("two"), program));
  }
}

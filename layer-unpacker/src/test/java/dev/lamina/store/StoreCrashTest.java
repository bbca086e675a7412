package dev.lamina.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.faults.Fault;
import dev.lamina.fixtures.faults.FaultPlan;
import dev.lamina.fixtures.faults.Killed;
import dev.lamina.fixtures.faults.SystemCall;
import dev.lamina.fixtures.faults.TestedProcess;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Trees;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A process dies before each of its system calls that change something. Whatever it was about, the
 * store is in order for the next one: names have their images, images their layers, layers their
 * files, and what is left over is deleted.
 */
@RequiresKernelOverlay
final class StoreCrashTest {
  private MountScratch scratch;
  private StoreFixture store;
  private String one;
  private String two;

  /** Whether the store may need the repair that was interrupted. */
  private boolean damaged;

  @BeforeEach
  void writeImages(MountScratch fresh) throws IOException {
    scratch = fresh;
    store = new StoreFixture(fresh);
    one = write("one");
    two = write("two");
  }

  private String write(String content) throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .layer(new TarBuilder().dir("d").file("d/f", "shared"))
            .layer(new TarBuilder().file("own", content));
    return "oci:" + image.writeOci(scratch.fresh(content), "v1");
  }

  private interface Work {
    void run(ImageStore open) throws IOException;
  }

  /** Tries {@code work} on a store that {@code before} made, once for each call of it. */
  private void dieAtEachStep(Work before, Work work) throws Exception {
    List<SystemCall> trace = attempt(before, work, FaultPlan.NONE);
    int[] writes = IntStream.range(0, trace.size()).filter(n -> trace.get(n).writes()).toArray();
    assertThat(writes).isNotEmpty();
    for (int n : writes) {
      attempt(before, work, FaultPlan.only(n, new Fault.Death()));
      assertThatTheStoreIsInOrder("death before call " + n + ", " + trace.get(n));
    }
  }

  private List<SystemCall> attempt(Work before, Work work, FaultPlan plan) throws Exception {
    if (Files.exists(store.root())) {
      Trees.delete(store.root());
    }
    before.run(store.open());
    ImageStore open = store.open();
    try (TestedProcess process = new TestedProcess(false)) {
      process.follow(plan.or(FaultPlan.QUICK_SYNCS));
      try {
        process.run(
            () -> {
              work.run(open);
              return null;
            });
      } catch (Killed e) {
        assertThat(process.isDead()).isTrue();
      } catch (ImageException e) {
        // Other threads of the dead process end with it in their own ways.
        assertThat(process.isDead()).as(e.getMessage()).isTrue();
      }
      return process.trace();
    }
  }

  private void assertThatTheStoreIsInOrder(String when) throws IOException {
    ImageStore open = store.open();
    assertThat(store.list("tmp")).as(when).isEmpty();
    if (damaged) {
      assertThat(open.repair(ImageUsers.NONE, what -> {}).isClean()).as(when).isTrue();
    }
    assertThat(open.verify(what -> {}).findings()).as(when).isEmpty();
    assertThat(open.images()).as(when).hasSameSizeAs(store.list("images/sha256"));
    for (String name : store.list("names")) {
      StoreRecords.Name record =
          StoreRecords.read(store.root().resolve("names").resolve(name), StoreRecords.Name.class);
      assertThat(open.find(record.name())).as("%s: %s", when, record.name()).isPresent();
    }
    for (StoredImage image : open.images()) {
      try (StoredImageSource source = open.source(image)) {
        assertThat(source.isComplete()).as(when).isTrue();
      }
    }
    open.collectGarbage(true, false, ImageUsers.NONE);
    assertThat(open.verify(what -> {}).findings()).as(when).isEmpty();
    for (StoredImage image : open.images()) {
      open.remove(image.id().toString(), true, ImageUsers.NONE);
    }
    open.collectGarbage(true, false, ImageUsers.NONE);
    store.assertThatStoreIsEmpty();
    Path blobs = store.root().resolve("blobs/sha256");
    assertThat(blobs).as(when).isEmptyDirectory();
  }

  @Test
  void deathWhilePublishing() throws Exception {
    dieAtEachStep(open -> store.unpack(one), open -> store.unpack(two));
  }

  @Test
  void deathWhileRemoving() throws Exception {
    dieAtEachStep(
        open -> {
          store.unpack(one);
          store.unpack(two);
        },
        open -> open.remove(open.images().get(0).id().toString(), true, ImageUsers.NONE));
  }

  @Test
  void deathWhileCollecting() throws Exception {
    dieAtEachStep(
        open -> {
          store.unpack(one);
          open.untag(store.unpack(two).id().toString(), List.of());
        },
        open -> open.collectGarbage(true, false, ImageUsers.NONE));
  }

  @Test
  void deathWhileNaming() throws Exception {
    ImageName name = ImageName.parse("other:name");
    dieAtEachStep(
        open -> {
          store.unpack(one);
          open.tag(store.unpack(two).id().toString(), name);
        },
        open -> {
          // Ordered by name: two has other:name already.
          String id = open.images().get(0).id().toString();
          open.tag(id, name);
          open.untag(id, List.of());
        });
  }

  @Test
  void deathWhileRepairing() throws Exception {
    damaged = true;
    dieAtEachStep(
        open -> {
          StoredImage image = store.unpack(one);
          Files.writeString(image.layers().get(0).tree().resolve("own"), "evil");
        },
        open -> open.repair(ImageUsers.NONE, what -> {}));
  }
}

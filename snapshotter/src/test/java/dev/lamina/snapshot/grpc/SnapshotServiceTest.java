package dev.lamina.snapshot.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import dev.lamina.snapshot.SnapshotOptions;
import dev.lamina.snapshot.api.Info;
import dev.lamina.snapshot.api.Kind;
import dev.lamina.snapshot.api.Mount;
import dev.lamina.snapshot.api.UpdateSnapshotRequest;
import dev.lamina.snapshot.api.UsageResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service as containerd calls it, through a channel on a unix socket. */
@Timeout(300)
final class SnapshotServiceTest {
  @TempDir Path scratch;
  private ServiceFixture service;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFixture(scratch, SnapshotOptions.DEFAULT);
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  private static void assertFails(Status.Code code, String words, Runnable call) {
    StatusRuntimeException e = catchThrowableOfType(StatusRuntimeException.class, call::run);
    assertThat(e).as("a call that has to fail with %s", code).isNotNull();
    assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(code);
    assertThat(e.getStatus().getDescription()).contains(words);
  }

  private String directory(int id, String part) {
    return service.root.resolve("snapshots/" + id + "/" + part).toString();
  }

  private List<String> directories() throws Exception {
    try (Stream<Path> entries = Files.list(service.root.resolve("snapshots"))) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static Mount only(List<Mount> mounts) {
    assertThat(mounts).hasSize(1);
    return mounts.get(0);
  }

  // What is mounted.

  @Test
  void prepare_withoutParent_isABindOfItsDirectory() {
    Mount mount = only(service.prepare("key", ""));
    assertThat(mount.getType()).isEqualTo("bind");
    assertThat(mount.getSource()).isEqualTo(directory(1, "fs"));
    assertThat(mount.getOptionsList()).containsExactly("rw", "rbind");
    assertThat(Path.of(mount.getSource())).isEmptyDirectory();
    assertThat(service.mounts("key")).containsExactly(mount);
  }

  @Test
  void view_withoutParentOrOfOneLayer_isAReadOnlyBind() {
    service.layer("one", "");
    Mount mount = only(service.view("view", "one"));
    assertThat(mount.getType()).isEqualTo("bind");
    assertThat(mount.getSource()).isEqualTo(directory(1, "fs"));
    assertThat(mount.getOptionsList()).containsExactly("ro", "rbind");
    Mount empty = only(service.view("empty", ""));
    assertThat(empty.getSource()).isEqualTo(directory(3, "fs"));
    assertThat(empty.getOptionsList()).containsExactly("ro", "rbind");
  }

  @Test
  void prepare_onLayers_isAUnionWithTheTopmostFirst() {
    service.layer("one", "");
    service.layer("two", "one");
    Mount mount = only(service.prepare("key", "two"));
    assertThat(mount.getType()).isEqualTo("fuse3.fuse-lamina");
    assertThat(mount.getSource()).isEqualTo("overlay");
    assertThat(mount.getOptionsList())
        .containsExactly(
            "index=off",
            "marks=kernel",
            "workdir=" + directory(3, "work"),
            "upperdir=" + directory(3, "fs"),
            "lowerdir=" + directory(2, "fs") + ":" + directory(1, "fs"));
    assertThat(service.mounts("key")).containsExactly(mount);
  }

  @Test
  void view_ofTwoLayers_isAUnionWithoutUpper() {
    service.layer("one", "");
    service.layer("two", "one");
    Mount mount = only(service.view("view", "two"));
    assertThat(mount.getType()).isEqualTo("fuse3.fuse-lamina");
    assertThat(mount.getOptionsList())
        .containsExactly(
            "index=off",
            "marks=kernel",
            "ro",
            "lowerdir=" + directory(2, "fs") + ":" + directory(1, "fs"));
  }

  @Test
  void mappings_ofLabels_areOptionsOfAUnion_withoutLayersToo() {
    Map<String, String> labels =
        Map.of(
            "containerd.io/snapshot/uidmapping", "0:100000:65536",
            "containerd.io/snapshot/gidmapping", "0:200000:1000,1000:300000:5");
    Mount base = only(service.prepare("base", "", labels));
    assertThat(base.getType()).isEqualTo("fuse3.fuse-lamina");
    assertThat(base.getOptionsList())
        .containsSubsequence(
            "uidmapping=0:100000:65536",
            "gidmapping=0:200000:1000:1000:300000:5",
            "upperdir=" + directory(1, "fs"),
            "lowerdir=" + service.root.resolve("empty"));
    service.commit("layer", "base");
    Mount view = only(service.view("view", "layer", labels));
    assertThat(view.getOptionsList())
        .contains("ro", "uidmapping=0:100000:65536", "lowerdir=" + directory(1, "fs"));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "CONTAINER:HOST:COUNT",
        () ->
            service.prepare(
                "bad", "", Map.of("containerd.io/snapshot/uidmapping", "0:1:2,ro,lowerdir=/")));
  }

  @Test
  void prepare_onALayer_takesOwnerAndModeOfItsRoot() throws Exception {
    service.prepare("key", "");
    Path fs = Path.of(directory(1, "fs"));
    Files.setPosixFilePermissions(fs, PosixFilePermissions.fromString("rwxr-x--x"));
    service.commit("one", "key");
    service.prepare("next", "one");
    Path next = Path.of(directory(2, "fs"));
    assertThat(Files.getPosixFilePermissions(next)).isEqualTo(Files.getPosixFilePermissions(fs));
    assertThat(Files.getAttribute(next, "unix:uid")).isEqualTo(Files.getAttribute(fs, "unix:uid"));
  }

  // What is recorded.

  @Test
  void stat_tellsKindParentAndTimes() {
    service.layer("one", "");
    service.prepare("active", "one", Map.of("a", "b", "none", ""));
    service.view("view", "one");
    Info active = service.stat("active");
    assertThat(active.getName()).isEqualTo("active");
    assertThat(active.getParent()).isEqualTo("one");
    assertThat(active.getKind()).isEqualTo(Kind.ACTIVE);
    assertThat(active.getLabelsMap()).containsExactly(Map.entry("a", "b"));
    assertThat(active.getCreatedAt()).isEqualTo(active.getUpdatedAt());
    assertThat(service.stat("view").getKind()).isEqualTo(Kind.VIEW);
    assertThat(service.stat("one").getKind()).isEqualTo(Kind.COMMITTED);
    assertThat(service.stat("one").getParent()).isEmpty();
  }

  @Test
  void commit_frees_theKey_keepsTheParent_replacesLabels() {
    service.layer("one", "");
    service.prepare("key", "one", Map.of("old", "label"));
    service.commit("two", "key", Map.of("new", "label"));
    assertFails(Status.Code.NOT_FOUND, "key", () -> service.stat("key"));
    assertThat(service.stat("two").getParent()).isEqualTo("one");
    assertThat(service.stat("two").getLabelsMap()).containsExactly(Map.entry("new", "label"));
    service.prepare("key", "two");
    assertThat(service.names()).containsExactly("key", "one", "two");
  }

  @Test
  void update_changesLabelsAlone() {
    service.prepare("key", "", Map.of("a", "1", "b", "2"));
    Timestamp created = service.stat("key").getCreatedAt();
    Info info = update(Map.of("a", "3", "d", "4"), "labels.a", "labels.b");
    assertThat(info.getLabelsMap()).containsExactly(Map.entry("a", "3"));
    assertThat(info.getCreatedAt()).isEqualTo(created);
    assertThat(info.getUpdatedAt()).isNotEqualTo(created);
    assertThat(update(Map.of("x", "y"), "labels").getLabelsMap())
        .containsExactly(Map.entry("x", "y"));
    assertThat(update(Map.of("dots.and/slash", "y"), "labels.dots.and/slash").getLabelsMap())
        .hasSize(2);
    assertThat(update(Map.of("z", "0")).getLabelsMap()).containsExactly(Map.entry("z", "0"));
    assertThat(service.stat("key").getLabelsMap()).containsExactly(Map.entry("z", "0"));
    for (String field : List.of("parent", "name", "kind", "created_at")) {
      assertFails(Status.Code.INVALID_ARGUMENT, field, () -> update(Map.of(), field));
    }
    assertThat(service.stat("key").getLabelsMap()).containsExactly(Map.entry("z", "0"));
  }

  private Info update(Map<String, String> labels, String... paths) {
    return service
        .stub
        .update(
            UpdateSnapshotRequest.newBuilder()
                .setInfo(
                    Info.newBuilder().setName("key").setParent("none").putAllLabels(labels).build())
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build())
        .getInfo();
  }

  @Test
  void list_ofHundreds_comesWhole_andFiltered() {
    for (int i = 0; i < 230; i++) {
      service.prepare("key-%03d".formatted(i), "", Map.of("n", Integer.toString(i % 10)));
    }
    assertThat(service.names()).hasSize(230).isSorted();
    assertThat(service.names("kind==active,labels.n==7")).hasSize(23);
    assertThat(service.names("name==key-001", "name==key-002", "kind==view"))
        .containsExactly("key-001", "key-002");
    assertFails(Status.Code.INVALID_ARGUMENT, "size", () -> service.list("size==3"));
  }

  @Test
  void usage_ofAnActiveOneIsMeasured_andRecordedAtItsCommit() throws Exception {
    service.prepare("key", "");
    Path fs = Path.of(directory(1, "fs"));
    assertThat(service.usage("key").getInodes()).isEqualTo(1);
    Files.write(fs.resolve("file"), new byte[100_000]);
    Files.createLink(fs.resolve("again"), fs.resolve("file"));
    UsageResponse usage = service.usage("key");
    assertThat(usage.getInodes()).isEqualTo(2);
    assertThat(usage.getSize()).isBetween(100_000L, 130_000L);
    service.commit("one", "key");
    assertThat(service.usage("one")).isEqualTo(usage);
    service.view("view", "one");
    assertThat(service.usage("view")).isEqualTo(UsageResponse.getDefaultInstance());
  }

  @Test
  void upperLabel_tellsWhere_andIsNotRecorded() throws Exception {
    service.prepare("key", "");
    service.close();
    String label = "containerd.io/snapshot/overlay.upperdir";
    service =
        new ServiceFixture(scratch, new SnapshotOptions("x", ImmutableList.of("daemon=on"), true));
    assertThat(service.stat("key").getLabelsMap())
        .containsExactly(Map.entry(label, directory(1, "fs")));
    assertThat(service.list().get(0).getLabelsMap()).containsKey(label);
    service.layer("one", "");
    Mount mount = only(service.prepare("next", "one"));
    assertThat(mount.getType()).isEqualTo("fuse3.x");
    assertThat(mount.getOptionsList()).contains("daemon=on");
    service.close();
    service = new ServiceFixture(scratch, SnapshotOptions.DEFAULT);
    assertThat(service.stat("key").getLabelsMap()).isEmpty();
  }

  // What goes.

  @Test
  void remove_takesTheDirectory_unlessThereAreChildren() throws Exception {
    service.layer("one", "");
    Files.createDirectories(Path.of(directory(1, "fs"), "a/b/c"));
    service.prepare("key", "one");
    assertFails(Status.Code.FAILED_PRECONDITION, "child", () -> service.remove("one"));
    service.remove("key");
    assertThat(directories()).containsExactly("1");
    service.remove("one");
    assertThat(directories()).isEmpty();
    assertFails(Status.Code.NOT_FOUND, "one", () -> service.remove("one"));
    service.prepare("key", "");
    assertThat(directories()).as("no id comes again").containsExactly("3");
  }

  @Test
  void cleanup_takesWhatNothingNames_andNothingElse() throws Exception {
    service.prepare("key", "");
    Files.createDirectories(Path.of(directory(77, "fs"), "a"));
    Files.createDirectories(service.root.resolve("snapshots/lost+found"));
    service.cleanup();
    assertThat(directories()).containsExactly("1", "lost+found");
  }

  // What is refused.

  @Test
  void errors_haveContainerdsCodes() {
    service.layer("one", "");
    service.prepare("active", "one");
    service.view("view", "one");
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.stat("none"));
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.usage("none"));
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.mounts("none"));
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.remove("none"));
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.commit("x", "none"));
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.prepare("x", "none"));
    assertFails(Status.Code.NOT_FOUND, "none", () -> service.view("x", "none"));
    assertFails(Status.Code.ALREADY_EXISTS, "active", () -> service.prepare("active", ""));
    assertFails(Status.Code.ALREADY_EXISTS, "view", () -> service.prepare("view", "one"));
    assertFails(Status.Code.ALREADY_EXISTS, "one", () -> service.view("one", "one"));
    assertFails(Status.Code.ALREADY_EXISTS, "one", () -> service.commit("one", "active"));
    assertFails(Status.Code.ALREADY_EXISTS, "view", () -> service.commit("view", "active"));
    assertFails(Status.Code.INVALID_ARGUMENT, "active", () -> service.prepare("x", "active"));
    assertFails(Status.Code.INVALID_ARGUMENT, "view", () -> service.view("x", "view"));
    assertFails(Status.Code.INVALID_ARGUMENT, "key", () -> service.prepare("", ""));
    assertFails(Status.Code.INVALID_ARGUMENT, "name", () -> service.commit("", "active"));
    assertFails(Status.Code.FAILED_PRECONDITION, "view", () -> service.commit("x", "view"));
    assertFails(Status.Code.FAILED_PRECONDITION, "one", () -> service.commit("x", "one"));
    assertFails(Status.Code.FAILED_PRECONDITION, "one", () -> service.mounts("one"));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        "4096",
        () -> service.prepare("x", "", Map.of("l", "x".repeat(4096))));
    assertThat(service.names()).containsExactly("active", "one", "view");
  }

  @Test
  void reopened_everythingIsThere() throws Exception {
    service.layer("one", "");
    service.prepare("key", "one", Map.of("a", "b"));
    List<Info> before = service.list();
    List<Mount> mounts = service.mounts("key");
    service.close();
    service = new ServiceFixture(scratch, SnapshotOptions.DEFAULT);
    assertThat(service.list()).isEqualTo(before);
    assertThat(service.mounts("key")).isEqualTo(mounts);
  }

  @Test
  void manyAtOnce_eachHaveTheirOwn() throws Exception {
    service.layer("one", "");
    List<Thread> clients =
        Stream.iterate(0, i -> i + 1)
            .limit(8)
            .map(
                client ->
                    new Thread(
                        () -> {
                          for (int i = 0; i < 10; i++) {
                            String key = client + "-" + i;
                            service.prepare(key, "one");
                            if (i % 2 == 0) {
                              service.remove(key);
                            }
                            service.cleanup();
                          }
                        }))
            .toList();
    clients.forEach(Thread::start);
    for (Thread client : clients) {
      client.join();
    }
    assertThat(service.names("kind==active")).hasSize(40);
    assertThat(directories()).hasSize(41);
    for (String key : service.names("kind==active")) {
      assertThat(
              service.mounts(key).get(0).getOptionsList().stream()
                  .filter(option -> option.startsWith("upperdir="))
                  .map(option -> Path.of(option.substring("upperdir=".length()))))
          .allMatch(Files::isDirectory);
    }
  }
}

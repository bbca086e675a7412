package dev.lamina.benchmarks;

import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The workloads, in the order in which they run. */
final class Workloads {
  private static final int OPENS = 20_000;
  private static final int BLOCKS = 20_000;
  private static final int CREATED = 10_000;
  private static final int RENAMES = 200;
  private static final int STARTS = 10;
  private static final int WORKERS = 8;
  private static final int CREATED_BY_WORKER = 500;

  private final BenchmarkData data;
  private final List<Workload> all = new ArrayList<>();

  private Workloads(BenchmarkData data) {
    this.data = data;
  }

  /** Those that {@code data} and the programs of this host allow. */
  static List<Workload> of(BenchmarkData data) {
    Workloads workloads = new Workloads(data);
    workloads.addReading();
    workloads.addWriting();
    workloads.addNames();
    workloads.addPrograms();
    workloads.addRemoval();
    return workloads.all;
  }

  private String times(int usual) {
    return ", x" + data.count(usual);
  }

  private void add(String name, Workload.Step work) {
    all.add(Workload.timed(name, work));
  }

  private void addReading() {
    Workload.Step walk = tree -> Programs.sh("find \"$1\" -size -0", in(tree, data.tree()));
    add("first walk", walk);
    add("second walk", walk);
    Workload.Step read =
        tree ->
            Programs.sh(
                "find \"$1\" -type f -print0 | xargs -0 cat >/dev/null", in(tree, data.library()));
    add("read all files, first", read);
    add("read all files, again", read);
    if (data.hasPython()) {
      String imports = "import json, re, subprocess, ssl, email, http.client, decimal";
      add(
          "python3 start, 7 imports, x10",
          tree -> {
            for (int i = 0; i < STARTS; i++) {
              Programs.run(
                  List.of("chroot", tree.root().toString(), "/usr/bin/python3", "-c", imports));
            }
          });
    }
    add(
        "open and close a file" + times(OPENS),
        tree -> tree.openAndClose(data.oneFile(), data.count(OPENS)));
    add(
        "random 4 KiB reads, lower file" + times(BLOCKS),
        tree -> tree.readBlocksAtRandom(data.bigFile(), data.bigSize(), data.count(BLOCKS)));
  }

  private void addWriting() {
    add("first write to a large lower file", tree -> tree.writeBlock(data.bigFile()));
    all.add(
        Workload.timed(
            "random 4 KiB reads, upper file" + times(BLOCKS),
            tree -> tree.writeThrough("upper-file", data.bigSize(), true),
            tree -> tree.readBlocksAtRandom("upper-file", data.bigSize(), data.count(BLOCKS))));
    all.add(
        Workload.timed(
            "random 4 KiB writes" + times(BLOCKS),
            tree -> tree.writeBlocksAtRandom("upper-file", data.bigSize(), data.count(BLOCKS))));
    add("sequential write, synced", tree -> tree.writeThrough("new", data.streamSize(), true));
  }

  private void addNames() {
    all.add(
        Workload.timed(
            "create and unlink" + times(CREATED),
            tree -> tree.mkdir("created"),
            tree -> {
              tree.createEmpty("created/f", data.count(CREATED));
              tree.unlinkAll("created/f", data.count(CREATED));
            }));
    add(
        "rename a lower directory" + times(RENAMES),
        tree ->
            tree.renameThereAndBack(
                data.movable(), data.movable() + "-moved", data.count(RENAMES)));
    all.add(
        Workload.timed(
            "8 workers, mixed names",
            tree -> {
              for (int worker = 0; worker < WORKERS; worker++) {
                tree.mkdir("worker" + worker);
              }
            },
            this::workInParallel));
  }

  private void workInParallel(MountedTree tree) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int worker = 0; worker < WORKERS; worker++) {
        String directory = "worker" + worker + "/";
        work.add(() -> changeNames(tree, directory));
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  private Void changeNames(MountedTree tree, String directory) throws ErrnoException {
    int count = data.count(CREATED_BY_WORKER);
    tree.createEmpty(directory + "f", count);
    for (int i = 0; i < count; i++) {
      tree.renameThereAndBack(directory + "f" + i, directory + "g" + i, 2);
      tree.openAndClose(directory + "f" + i, 2);
    }
    tree.unlinkAll(directory + "f", count);
    return null;
  }

  private void addPrograms() {
    all.add(
        Workload.timed(
            "untar " + data.archiveFiles() + " files",
            tree -> tree.mkdir("untarred"),
            tree -> Programs.sh("tar -xf \"$1\" -C \"$2/untarred\"", data.archive(), tree.root())));
    add(
        "chmod -R, " + data.ownedFiles() + " files",
        tree -> Programs.sh("chmod -R g-w,o-r \"$1\"", in(tree, data.owned())));
    if (data.hasRepository()) {
      Workload.Step status =
          tree ->
              Programs.sh(
                  "git -c safe.directory='*' -C \"$1\" status --porcelain",
                  in(tree, data.repository()));
      add("git status, " + data.repositoryFiles() + " files, first", status);
      add("git status, " + data.repositoryFiles() + " files, again", status);
    }
    if (data.hasDatabase()) {
      String insert =
          "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
              + " INSERT INTO t(k, v) SELECT abs(random()) % 1000000000, randomblob(200) FROM n;"
              + " COMMIT;";
      add(
          "SQLite, insert into a large lower database",
          tree -> Programs.sh("sqlite3 \"$1\" \"$2\"", in(tree, data.database()), insert));
    }
    if (data.hasPackage()) {
      add(
          "dpkg -i, " + data.packageFiles() + " files",
          tree ->
              Programs.sh(
                  "cp \"$2\" \"$1/package.deb\" && chroot \"$1\" dpkg -i /package.deb",
                  tree.root(),
                  data.debianPackage()));
    }
  }

  private void addRemoval() {
    add("rm -rf of a lower tree", tree -> Programs.sh("rm -rf \"$1\"", in(tree, data.doomed())));
  }

  private static Object in(MountedTree tree, String path) throws IOException {
    return tree.root().resolve(path);
  }
}

package dev.lamina.snapshot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A process that changes snapshots until it is killed, and says on standard output what it is about
 * to do and what is done: {@code begin OPERATION} and {@code done OPERATION}.
 */
final class SnapshotChurn {
  private SnapshotChurn() {}

  public static void main(String[] arguments) throws Exception {
    Random random = new Random(Long.parseLong(arguments[1]));
    try (Snapshots snapshots = Snapshots.open(Path.of(arguments[0]), SnapshotOptions.DEFAULT)) {
      System.out.println("ready");
      for (int i = 0; ; i++) {
        step(snapshots, random, arguments[1] + "-" + i);
      }
    }
  }

  private static void step(Snapshots snapshots, Random random, String name) throws Exception {
    List<String> active = keys(snapshots, "kind==active");
    List<String> committed = keys(snapshots, "kind==committed");
    switch (active.isEmpty() ? 0 : random.nextInt(4)) {
      case 0, 1 -> {
        String parent = committed.isEmpty() ? "" : committed.get(random.nextInt(committed.size()));
        System.out.println("begin prepare " + name);
        snapshots.prepare(name, parent, Map.of("of", name));
        System.out.println("done prepare " + name);
      }
      case 2 -> {
        String key = active.get(random.nextInt(active.size()));
        System.out.println("begin commit " + key + " " + name);
        snapshots.commit(name, key, Map.of("of", name));
        System.out.println("done commit " + key + " " + name);
      }
      default -> {
        String key = active.get(random.nextInt(active.size()));
        System.out.println("begin remove " + key);
        snapshots.remove(key);
        System.out.println("done remove " + key);
      }
    }
  }

  private static List<String> keys(Snapshots snapshots, String filter) throws Exception {
    List<String> keys = new ArrayList<>();
    snapshots.list(List.of(filter)).forEach(info -> keys.add(info.name()));
    return keys;
  }
}

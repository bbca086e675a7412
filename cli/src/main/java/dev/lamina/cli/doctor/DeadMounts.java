package dev.lamina.cli.doctor;

import dev.lamina.fuse.StaleMounts;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Name;
import dev.lamina.linux.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lamina's mounts that this process sees, and whether anybody serves them. */
final class DeadMounts {
  private static final String TYPE = "fuse.lamina";

  /** A server that lives answers at once. All are asked together. */
  private static final int PATIENCE_SECONDS = 3;

  /** How a mount answered. */
  enum Answer {
    SERVED,
    /** Its server is gone. */
    DEAD,
    /** It has a server that does not answer. */
    SILENT,
    /** It cannot be asked by this user, or went away meanwhile. */
    UNKNOWN
  }

  record Facts(Path mountPoint, Answer answer) {}

  private DeadMounts() {}

  static List<Facts> gather() throws IOException, InterruptedException {
    List<Path> places = new ArrayList<>();
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (MountTable.Entry mount : MountTable.read()) {
      if (mount.type().equals(TYPE) && !places.contains(mount.mountPoint())) {
        places.add(mount.mountPoint());
        answers.add(ask(mount.mountPoint()));
      }
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    List<Facts> facts = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      facts.add(new Facts(places.get(i), await(answers.get(i), deadline)));
    }
    return facts;
  }

  /** On a thread that nobody waits for at the end: one that asks a hung server hangs as well. */
  private static CompletableFuture<Answer> ask(Path mountPoint) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                answer.complete(StaleMounts.isStale(mountPoint) ? Answer.DEAD : Answer.SERVED);
              } catch (IOException | RuntimeException e) {
                answer.complete(Answer.UNKNOWN);
              }
            },
            "lamina-doctor-" + mountPoint);
    thread.setDaemon(true);
    thread.start();
    return answer;
  }

  private static Answer await(CompletableFuture<Answer> answer, long deadline)
      throws InterruptedException {
    try {
      return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return Answer.SILENT;
    } catch (ExecutionException e) {
      return Answer.UNKNOWN;
    }
  }

  static Section judge(List<Facts> mounts) {
    Section section = Section.of("Mounts");
    long served = mounts.stream().filter(mount -> mount.answer() == Answer.SERVED).count();
    if (mounts.isEmpty()) {
      section.ok("mounts", "none of Lamina's", "there is none to ask");
    } else {
      section.ok(
          "mounts", served + " of Lamina's " + mounts.size() + " answer", "what they show is live");
    }
    for (Facts mount : mounts) {
      switch (mount.answer()) {
        case DEAD ->
            section.problem(
                "dead mount",
                shown(mount) + ": its server died",
                "everything in it fails (ENOTCONN); what was synced is in the writable layer",
                "lamina umount " + word(mount) + ", or mount there again");
        case SILENT ->
            section.problem(
                "silent mount",
                shown(mount) + ": its server does not answer",
                "programs that use it wait; a layer on a filesystem that hangs does that",
                "lamina umount --lazy " + word(mount));
        case UNKNOWN ->
            section.note(
                "mount",
                shown(mount) + " cannot be asked",
                "it is another user's, or has just gone");
        case SERVED -> {
          // Counted above.
        }
      }
    }
    return section;
  }

  /** Whoever mounted it chose its name. */
  private static String shown(Facts mount) {
    return Printable.of(Name.of(mount.mountPoint().toString()).toBytes());
  }

  /** What a shell takes for the place as it stands; else the user is to write it. */
  private static String word(Facts mount) {
    String place = mount.mountPoint().toString();
    return place.matches("[\\w/.:@%+-]+") ? place : "DIR";
  }
}

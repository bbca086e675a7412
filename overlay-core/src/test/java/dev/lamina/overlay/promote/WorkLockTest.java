package dev.lamina.overlay.promote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets the work directory, and who waits for it. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class WorkLockTest {
  private static final Name WORK = Name.of("work");

  @TempDir Path directory;

  @BeforeEach
  void makeWork() throws IOException {
    Files.createDirectory(directory.resolve("work"));
  }

  private WorkLock take() throws ErrnoException {
    WorkLock lock = WorkLock.take(directory.toString(), WORK);
    try {
      lock.begin(WORK);
      return lock;
    } catch (ErrnoException e) {
      lock.close();
      throw e;
    }
  }

  private FutureTask<WorkLock> takeInBackground() {
    FutureTask<WorkLock> next = new FutureTask<>(this::take);
    new Thread(next, "next").start();
    return next;
  }

  private static void awaitWaiter(WorkLock lock) throws Exception {
    while (!lock.isAwaited()) {
      Thread.sleep(1);
    }
  }

  @Test
  void lockOfALiveUnion_isRefused() throws Exception {
    try (WorkLock live = take()) {
      assertThat(live.base()).isPositive();
      assertThatThrownBy(this::take)
          .hasMessageContainingAll("workdir " + directory, "in use by another mount", "EBUSY");
    }
    take().close();
  }

  @Test
  void lockOfAUnionThatEnds_isWaitedFor_andItKnows() throws Exception {
    WorkLock ending = take();
    ending.end();
    assertThat(ending.isAwaited()).isFalse();
    FutureTask<WorkLock> next = takeInBackground();
    awaitWaiter(ending);
    assertThat(next.isDone()).isFalse();
    ending.close();
    try (WorkLock live = next.get()) {
      assertThatThrownBy(this::take).hasMessageContaining("EBUSY");
      assertThat(live.base()).isPositive();
    }
  }

  @Test
  void ofManyThatWait_oneGetsIt_andTheOthersAreRefused() throws Exception {
    WorkLock ending = take();
    ending.end();
    List<FutureTask<WorkLock>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(takeInBackground());
    }
    awaitWaiter(ending);
    ending.close();
    int taken = 0;
    List<WorkLock> locks = new ArrayList<>();
    for (FutureTask<WorkLock> one : all) {
      try {
        locks.add(one.get());
        taken++;
      } catch (java.util.concurrent.ExecutionException e) {
        assertThat(e).hasMessageContaining("EBUSY");
      }
    }
    locks.forEach(WorkLock::close);
    assertThat(taken).isEqualTo(1);
  }
}

package dev.lamina.fuse.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceReadersTest {
  private final AtomicInteger started = new AtomicInteger();
  private final DeviceReaders readers = new DeviceReaders(3, self -> started.incrementAndGet());

  @Test
  void oneAtFirst_aSecondWithTheFirstRequest_noMoreForOneAtATime() throws Exception {
    readers.startFirst();
    assertThat(started).hasValue(1);
    for (int i = 0; i < 10; i++) {
      readers.takes();
      assertThat(started).hasValue(2);
      readers.waits();
    }
  }

  @Test
  void asManyAsRequestsAtATimeAndOne_upToTheLimit() throws Exception {
    readers.startFirst();
    readers.takes();
    readers.takes();
    assertThat(started).hasValue(3);
    readers.takes();
    assertThat(started).as("limit").hasValue(3);
    readers.waits();
    readers.takes();
    assertThat(started).hasValue(3);
  }

  @Test
  void oneThatCannotBeStarted_isTriedAgain() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    DeviceReaders poor =
        new DeviceReaders(
            3,
            self -> {
              if (tries.incrementAndGet() == 2) {
                throw new ErrnoException(Errno.EMFILE, "clone");
              }
            });
    poor.startFirst();
    poor.takes();
    assertThat(tries).hasValue(2);
    poor.waits();
    poor.takes();
    assertThat(tries).hasValue(3);
    poor.waits();
    poor.takes();
    assertThat(tries).as("one waits").hasValue(3);
  }
}

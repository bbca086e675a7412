package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;

class LibCTest {
  /** JNR-FFI passes garbage as the sixth of exactly six integers on x86-64, see {@link LibC}. */
  @Test
  void jnrPassesGarbageAsTheSixthOfSixArguments_soNoMethodHasSix() {
    assertThat(LibC.class.getMethods()).isNotEmpty().noneMatch(m -> m.getParameterCount() == 6);
  }

  @Test
  void addressesAndNumbersArePrimitive_soThatNothingIsConvertedOnTheWay() {
    for (Method method : LibC.class.getMethods()) {
      assertThat(method.getParameterTypes())
          .as(method.getName())
          .allMatch(type -> type == int.class || type == long.class);
    }
  }
}

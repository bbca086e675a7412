package dev.lamina.fuse;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/** Leaves a test out where the mounts of these tests are served through libfuse 2. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Tag("not-over-libfuse")
@interface NotOverLibfuse {
  /** What libfuse cannot do of that. */
  String value();
}

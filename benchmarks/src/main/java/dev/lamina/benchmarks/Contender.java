package dev.lamina.benchmarks;

import java.io.IOException;
import java.util.Optional;

/** A system that stacks layers, as its users run it. */
public interface Contender {
  /** A mount. */
  interface Mounted {
    /** Unmounts, and returns when nothing is left of it. */
    void unmount() throws IOException, InterruptedException;

    /** Unmounts; what a server still wants to write to the upper may be lost. */
    default void discard() throws IOException, InterruptedException {
      unmount();
    }
  }

  /** How results call it. */
  String name();

  /** Why it cannot take part on this host; empty where it can. */
  Optional<String> absent();

  /** Mounts {@code stack}; its target is ready for use on return. */
  Mounted mount(Stack stack) throws IOException, InterruptedException;
}

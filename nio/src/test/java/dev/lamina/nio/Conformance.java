package dev.lamina.nio;

import dev.lamina.nio.Backend.Lab;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** What the conformance tests share: the tree that each of them is run on, once for a backend. */
abstract class Conformance {
  @Parameter Backend backend;
  @TempDir Path directory;
  Lab lab;

  @BeforeEach
  void open() throws IOException {
    lab = backend.open(directory);
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  Path p(String path) {
    return lab.root().resolve(path);
  }
}

package dev.lamina.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Types and methods that other programs can see of the libraries have a comment. That it is
 * well-formed, and names what there is, the compiler checks (doclint, in the parent's pom); of what
 * is missing doclint asks for tags as well, where a sentence says all.
 */
final class JavadocTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"linux-abi", "overlay-core", "fuse-mount", "layer-unpacker", "nio", "snapshotter"})
  void publicTypesAndMethods_haveComments(String module) throws IOException {
    List<String> missing = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> sources = Files.walk(Path.of("..", module, "src/main/java"))) {
      List<Path> java = sources.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(java).isNotEmpty();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(java));
      DocTrees docs = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        new Uncommented(docs, missing).scan(unit, null);
      }
    }
    assertThat(missing).isEmpty();
  }

  /** Collects types and methods that are public or protected, and have no comment. */
  private static final class Uncommented extends TreePathScanner<Void, Void> {
    /** Functions of native libraries, public since JNR-FFI wants it: manual pages tell of them. */
    private static final Set<String> BINDINGS = Set.of("LibC", "Isal", "LibfuseCalls", "Callbacks");

    private final DocTrees docs;
    private final List<String> missing;

    Uncommented(DocTrees docs, List<String> missing) {
      this.docs = docs;
      this.missing = missing;
    }

    @Override
    public Void visitClass(ClassTree tree, Void nothing) {
      if (!isVisible(tree.getModifiers()) || BINDINGS.contains(tree.getSimpleName().toString())) {
        return null;
      }
      require(tree.getSimpleName().toString());
      return super.visitClass(tree, null);
    }

    @Override
    public Void visitMethod(MethodTree tree, Void nothing) {
      if (isVisible(tree.getModifiers()) && !isToldElsewhere(tree)) {
        require(tree.getName().toString());
      }
      return null;
    }

    private boolean isVisible(ModifiersTree modifiers) {
      Set<Modifier> flags = modifiers.getFlags();
      Tree parent = getCurrentPath().getParentPath().getLeaf();
      boolean ofInterface = parent instanceof ClassTree && parent.getKind() == Tree.Kind.INTERFACE;
      return (ofInterface && !flags.contains(Modifier.PRIVATE))
          || flags.contains(Modifier.PUBLIC)
          || flags.contains(Modifier.PROTECTED);
    }

    /** In what it overrides, or among the parameters of its record. */
    private boolean isToldElsewhere(MethodTree tree) {
      boolean overrides =
          tree.getModifiers().getAnnotations().stream()
              .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
      Tree parent = getCurrentPath().getParentPath().getLeaf();
      return overrides
          || (parent.getKind() == Tree.Kind.RECORD && tree.getName().contentEquals("<init>"));
    }

    private void require(String name) {
      TreePath path = getCurrentPath();
      String comment = docs.getDocComment(path);
      if (comment == null || comment.isBlank()) {
        missing.add(path.getCompilationUnit().getSourceFile().getName() + ": " + name);
      }
    }
  }
}

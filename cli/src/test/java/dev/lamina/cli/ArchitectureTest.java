package dev.lamina.cli;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.lamina.linux.NativeHeap;
import dev.lamina.linux.ProcessLimits;
import dev.lamina.linux.WorkingDirectory;

/** The rooms of the house and the one way in which they know each other (docs/architecture.md). */
@AnalyzeClasses(packages = "dev.lamina", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule IMPORTS_RUN_ONE_WAY =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("linux-abi")
          .definedBy("dev.lamina.linux..")
          .layer("overlay-core")
          .definedBy("dev.lamina.overlay..")
          .layer("fuse-mount")
          .definedBy("dev.lamina.fuse..")
          .layer("layer-unpacker")
          .definedBy(
              "dev.lamina.image..",
              "dev.lamina.layer..",
              "dev.lamina.store..",
              "dev.lamina.inspect..",
              "dev.lamina.registry..",
              "dev.lamina.commit..",
              "dev.lamina.save..")
          .layer("snapshotter")
          .definedBy("dev.lamina.snapshot..")
          .layer("nio")
          .definedBy("dev.lamina.nio..")
          .layer("benchmarks")
          .definedBy("dev.lamina.benchmarks..")
          .layer("cli")
          .definedBy("dev.lamina.cli..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("benchmarks")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("snapshotter")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("nio")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("fuse-mount")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("layer-unpacker")
          .mayOnlyBeAccessedByLayers("cli", "nio")
          .whereLayer("overlay-core")
          .mayOnlyBeAccessedByLayers("cli", "fuse-mount", "layer-unpacker", "nio", "snapshotter");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices()
          .matching("dev.lamina.(**)")
          .should()
          .beFreeOfCycles()
          .because("a cycle is one package under two names");

  @ArchTest
  static final ArchRule NATIVE_CALLS_LIVE_IN_ONE_ROOM =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.lamina.linux..", "dev.lamina.fuse.libfuse")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jnr..", "com.kenai.jffi..");

  @ArchTest
  static final ArchRule JNR_FUSE_STAYS_IN_ITS_PACKAGE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lamina.fuse.libfuse")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ru.serce..");

  @ArchTest
  static final ArchRule THE_UNION_KNOWS_NO_ARCHIVES =
      noClasses()
          .that()
          .resideInAPackage("dev.lamina.overlay..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.commons.compress..", "com.fasterxml.jackson..");

  @ArchTest
  static final ArchRule GRPC_STAYS_AT_THE_DOOR =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.lamina.snapshot.grpc..", "dev.lamina.snapshot.api..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.grpc..", "io.netty..", "com.google.protobuf..", "dev.lamina.snapshot.api..");

  @ArchTest
  static final ArchRule SNAPSHOTS_ALONE_KNOW_A_DATABASE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lamina.snapshot")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.sqlite..");

  /** What a program that embeds a library would not forgive; docs/embedding.md promises it. */
  @ArchTest
  static final ArchRule LIBRARIES_LEAVE_THE_PROCESS_ALONE =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.lamina.cli..", "dev.lamina.benchmarks..", "dev.lamina.fixtures..")
          .should()
          .callMethodWhere(
              target(owner(assignableTo(System.class)))
                  .and(
                      target(
                          nameMatching(
                              "exit|setProperty|setProperties|clearProperty|setIn|setOut|setErr"))))
          .orShould()
          .callMethodWhere(
              target(owner(assignableTo(Runtime.class)))
                  .and(target(nameMatching("exit|halt|addShutdownHook"))))
          .orShould()
          .callMethodWhere(
              target(nameMatching("setDefault|setDefaultUncaughtExceptionHandler|printStackTrace")))
          .orShould()
          .accessFieldWhere(target(owner(assignableTo(System.class))))
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.logging..", "sun..", "org.slf4j.simple..");

  @ArchTest
  static final ArchRule THE_COMMAND_ALONE_CHANGES_ITS_PROCESS =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.lamina.cli..", "dev.lamina.fixtures..", "dev.lamina.linux..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(WorkingDirectory.class, ProcessLimits.class, NativeHeap.class);

  @ArchTest
  static final ArchRule CLASSES_ARE_FINAL_UNLESS_MADE_TO_BE_EXTENDED =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .areNotInterfaces()
          .and()
          .doNotHaveModifier(JavaModifier.ABSTRACT)
          .and()
          .areNotEnums()
          .and()
          .resideOutsideOfPackage("dev.lamina.fixtures..")
          .should()
          .haveModifier(JavaModifier.FINAL);
}

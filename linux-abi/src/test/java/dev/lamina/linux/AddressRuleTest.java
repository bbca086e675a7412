package dev.lamina.linux;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.ref.Reference;

/** The rule on addresses of the package comment, as far as the byte code shows it. */
@AnalyzeClasses(packages = "dev.lamina.linux", importOptions = ImportOption.DoNotIncludeTests.class)
class AddressRuleTest {
  @ArchTest
  static final ArchRule memoryGivenToTheKernelIsKept =
      codeUnits().should(new KeepMemoryReachable());

  /** Every Name and NativeMemory that is a parameter or made here is kept after a call. */
  private static final class KeepMemoryReachable extends ArchCondition<JavaCodeUnit> {
    KeepMemoryReachable() {
      super("keep the memory whose address they give to the C library");
    }

    @Override
    public void check(JavaCodeUnit unit, ConditionEvents events) {
      if (unit.getCallsFromSelf().stream().noneMatch(KeepMemoryReachable::givesAnAddress)) {
        return;
      }
      long pieces =
          unit.getRawParameterTypes().stream().filter(KeepMemoryReachable::isMemory).count()
              + unit.getCallsFromSelf().stream().filter(KeepMemoryReachable::makes).count();
      long kept = unit.getCallsFromSelf().stream().mapToLong(KeepMemoryReachable::keeps).sum();
      String message = unit.getFullName() + " keeps " + kept + " of " + pieces;
      events.add(new SimpleConditionEvent(unit, kept >= pieces, message));
    }

    private static boolean isMemory(JavaClass type) {
      return type.isEquivalentTo(Name.class) || type.isEquivalentTo(NativeMemory.class);
    }

    private static boolean givesAnAddress(JavaCall<?> call) {
      return call.getTargetOwner().isEquivalentTo(LibC.class)
          && call.getTarget().getRawParameterTypes().stream()
              .anyMatch(type -> type.isEquivalentTo(long.class));
    }

    private static boolean makes(JavaCall<?> call) {
      return isMemory(call.getTargetOwner())
          && (call.getName().equals("of") || call.getName().startsWith("allocate"));
    }

    private static long keeps(JavaCall<?> call) {
      if (call.getTargetOwner().isEquivalentTo(Reference.class)) {
        return 1;
      }
      if (call.getTargetOwner().isEquivalentTo(Proc.class) && call.getName().equals("below")) {
        return 1; // copies the name into scratch memory
      }
      return call.getTargetOwner().isEquivalentTo(Native.class)
          ? call.getTarget().getRawParameterTypes().stream()
              .filter(type -> type.isEquivalentTo(Object.class))
              .count()
          : 0;
    }
  }
}

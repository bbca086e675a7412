package dev.lamina.overlay.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class SlotTableTest {
  @Property(tries = 100, seed = "2026")
  void behavesAsAMap(@ForAll @Size(max = 3000) List<@IntRange(min = 0, max = 3) Integer> choices) {
    SlotTable<String> table = new SlotTable<>(1);
    Map<Long, String> model = new HashMap<>();
    long last = 1;
    for (int choice : choices) {
      if (choice > 0) {
        long number = table.reserve();
        assertThat(model).doesNotContainKey(number);
        table.set(number, "value " + number);
        model.put(number, "value " + number);
        last = number;
      } else {
        assertThat(table.remove(last)).isEqualTo(model.remove(last));
      }
    }
    model.forEach((number, value) -> assertThat(table.get(number)).isEqualTo(value));
    assertThat(table.size()).isEqualTo(model.size());
    assertThat(table.get(0)).isNull();
    assertThat(table.get(-5)).isNull();
    assertThat(table.get(1L << 40)).isNull();
  }
}

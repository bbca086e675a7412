package dev.lamina.overlay.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.Name;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

final class ListingTest {
  @Property(tries = 200)
  void keepsEachNameOnceInTheOrderOfArrival(
      @ForAll @Size(max = 300) List<@StringLength(max = 6) String> names) {
    Listing listing = new Listing();
    Set<String> expected = new LinkedHashSet<>();
    for (String name : names) {
      assertThat(listing.add(Name.of(name), name.hashCode(), 8)).isEqualTo(expected.add(name));
    }
    listing.freeze();
    List<String> found = new ArrayList<>();
    for (int i = 0; i < listing.size(); i++) {
      String name =
          new String(
              listing.names(),
              listing.start(i),
              listing.length(i),
              java.nio.charset.StandardCharsets.UTF_8);
      assertThat(listing.ino(i)).isEqualTo(name.hashCode());
      found.add(name);
    }
    assertThat(found).containsExactlyElementsOf(expected);
  }
}

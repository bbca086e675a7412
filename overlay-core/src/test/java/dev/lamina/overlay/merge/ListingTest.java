package dev.lamina.overlay.merge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.Name;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class ListingTest {
  @Property(tries = 200, seed = "2026")
  void showsEachNameOnceWithItsNumber_andGoesOnAtEachCookie(
      @ForAll @Size(max = 300) List<@StringLength(max = 6) String> names) {
    Listing listing = new Listing();
    Set<String> expected = new HashSet<>();
    for (String name : names) {
      assertThat(listing.add(Name.of(name), name.hashCode(), 8)).isEqualTo(expected.add(name));
    }
    listing.freeze();
    List<String> found = new ArrayList<>();
    int cookie = Listing.FIRST_COOKIE - 1;
    for (int place = 0; place < listing.shown(); place++) {
      assertThat(listing.placeAfter(cookie)).isEqualTo(place);
      assertThat(listing.cookie(place)).isGreaterThan(cookie);
      cookie = listing.cookie(place);
      String name = name(listing, place);
      assertThat(listing.ino(listing.entry(place))).isEqualTo(name.hashCode());
      found.add(name);
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(listing.placeAfter(cookie)).isEqualTo(listing.shown());
    assertThat(listing.placeAfter(Long.MAX_VALUE)).isEqualTo(listing.shown());
    assertThat(listing.placeAfter(0)).isZero();
  }

  @Test
  void cookieOfAName_isTheSameWhateverElseIsListed() {
    Listing small = listing(10);
    Listing large = listing(10_000);
    for (int place = 0; place < small.shown(); place++) {
      int there = large.placeAfter(small.cookie(place) - 1);
      assertThat(name(large, there)).isEqualTo(name(small, place));
    }
  }

  @Test
  void whatIsHidden_doesNotShow() {
    Listing listing = new Listing();
    listing.add(Name.of("gone"), 1, ListingBuilder.HIDDEN);
    listing.freeze();
    assertThat(listing.isEmpty()).isTrue();
    assertThat(listing.shown()).isZero();
  }

  private static Listing listing(int names) {
    Listing listing = new Listing();
    for (int i = 0; i < names; i++) {
      listing.add(Name.of("name-" + i), i, 8);
    }
    listing.freeze();
    return listing;
  }

  private static String name(Listing listing, int place) {
    int entry = listing.entry(place);
    return new String(listing.names(), listing.start(entry), listing.length(entry), UTF_8);
  }
}

package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FilterTest {
  private static final SnapshotInfo INFO =
      new SnapshotInfo(
          "default/1/key",
          "sha256:abc",
          Kind.ACTIVE,
          Instant.EPOCH,
          Instant.EPOCH,
          ImmutableMap.of("plain", "yes", "containerd.io/gc.root", "2026", "odd \"one\"", "a,b"));

  private static boolean matches(String filter) throws SnapshotException {
    return Filter.anyOf(List.of(filter)).matches(INFO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "name==default/1/key",
        "name",
        "parent",
        "kind==active",
        "kind!=view,kind!=committed",
        "parent==\"sha256:abc\"",
        "parent == sha256:abc",
        "name~=/^default\\/.*key$/",
        "name~=key",
        "name~=|^default/[0-9]+/|",
        "labels.plain",
        "labels.plain==yes",
        "labels.\"containerd.io/gc.root\"",
        "labels.\"containerd.io/gc.root\"==2026",
        "labels.\"odd \\\"one\\\"\"==\"a,b\"",
        "labels.none!=x",
        "labels.plain==\"\\x79\\u0065\\163\"",
      })
  void matching(String filter) throws SnapshotException {
    assertThat(matches(filter)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name==key",
        "kind==view",
        "kind==active,parent==x",
        "labels.none",
        "labels.none==\"\"",
        "labels.plain!=yes",
        "labels.plain~=^no",
        "parent==\"\"",
      })
  void notMatching(String filter) throws SnapshotException {
    assertThat(matches(filter)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size==1",
        "labels",
        "name.x",
        "name=x",
        "name===x",
        "name==",
        ",",
        "name,",
        "name==\"x",
        "name~=(",
        "name==a b",
        "==x",
        "name@=x",
        "name==\"\\q\"",
        "name==\"\\u00\"",
      })
  void whatIsNotUnderstood_isRefusedWithItsPlace(String filter) {
    assertThatThrownBy(() -> matches(filter))
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.reason()).isEqualTo(SnapshotException.Reason.INVALID_ARGUMENT))
        .hasMessageContaining("filter \"" + filter + "\", character ");
  }
}

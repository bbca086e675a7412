package dev.lamina.overlay.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final Ownership MAPPED =
      Ownership.AS_STORED
          .withUsers(IdMapping.parse("0:1000:10"))
          .withGroups(IdMapping.parse("0:2000:10"));

  private static int[] shown(Ownership ownership, int uid, int gid) {
    Stat stat = new Stat();
    stat.uid = uid;
    stat.gid = gid;
    ownership.show(stat);
    return new int[] {stat.uid, stat.gid};
  }

  @Test
  void show_mapsUsersAndGroupsApart() {
    assertThat(shown(MAPPED, 1, 2)).containsExactly(1001, 2002);
    assertThat(shown(MAPPED, 10, 3)).containsExactly(65534, 2003);
    assertThat(shown(Ownership.AS_STORED, 10, 3)).containsExactly(10, 3);
  }

  @Test
  void squashing_hidesTheMappingButNotFromChown() throws ErrnoException {
    Ownership squashed = MAPPED.squashedToUser(77);
    assertThat(shown(squashed, 1, 2)).containsExactly(77, 2002);
    assertThat(shown(squashed.squashedToGroup(0), 1, 2)).containsExactly(77, 0);
    assertThat(squashed.storedUid(1005)).isEqualTo(5);
  }

  @Test
  void chown_toAnIdThatIsNotMapped_isInvalid() throws ErrnoException {
    assertThat(MAPPED.storedUid(1009)).isEqualTo(9);
    assertThat(MAPPED.storedGid(2009)).isEqualTo(9);
    assertThatThrownBy(() -> MAPPED.storedUid(0))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    assertThat(MAPPED.creatorUid(0)).isEqualTo(65534);
    assertThat(MAPPED.creatorGid(2003)).isEqualTo(3);
  }

  @Test
  void aclIds_areMapped_andOtherEntriesAreNot() throws ErrnoException {
    NativeMemory acl = NativeMemory.allocate(4 + 4 * 8);
    acl.putInt(0, 2);
    entry(acl, 0, 0x01, -1);
    entry(acl, 1, 0x02, 1);
    entry(acl, 2, 0x08, 2);
    entry(acl, 3, 0x20, -1);
    MAPPED.showAcl(acl, 0, acl.size());
    assertThat(acl.getInt(4 + 4)).isEqualTo(-1);
    assertThat(acl.getInt(12 + 4)).isEqualTo(1001);
    assertThat(acl.getInt(20 + 4)).isEqualTo(2002);
    MAPPED.storeAcl(acl, 0, acl.size());
    assertThat(acl.getInt(12 + 4)).isEqualTo(1);
    assertThat(acl.getInt(20 + 4)).isEqualTo(2);
    assertThatThrownBy(() -> MAPPED.storeAcl(acl, 0, acl.size()))
        .isInstanceOf(ErrnoException.class);
  }

  private static void entry(NativeMemory acl, int index, int tag, int id) {
    acl.putShort(4 + index * 8, (short) tag);
    acl.putShort(4 + index * 8 + 2, (short) 6);
    acl.putInt(4 + index * 8 + 4, id);
  }
}

package dev.lamina.overlay.owner;

import dev.lamina.linux.NativeMemory;
import java.util.function.IntUnaryOperator;

/**
 * The ids in the value of a {@code system.posix_acl_*} xattr, linux/posix_acl_xattr.h: a version in
 * 4 bytes, then entries of 2 bytes tag, 2 bytes permissions, 4 bytes id.
 */
final class AclIds {
  private static final int HEADER = 4;
  private static final int ENTRY = 8;
  private static final int ID = 4;
  private static final int ACL_USER = 0x02;
  private static final int ACL_GROUP = 0x08;

  private AclIds() {}

  /** Maps ids in place; false where one of them has no counterpart. */
  static boolean map(
      NativeMemory value, int at, int size, IntUnaryOperator users, IntUnaryOperator groups) {
    boolean all = true;
    for (int entry = at + HEADER; entry + ENTRY <= at + size; entry += ENTRY) {
      int tag = value.getShort(entry);
      if (tag != ACL_USER && tag != ACL_GROUP) {
        continue;
      }
      int id = value.getInt(entry + ID);
      int mapped = (tag == ACL_USER ? users : groups).applyAsInt(id);
      all &= mapped != IdMapping.NONE;
      value.putInt(entry + ID, mapped);
    }
    return all;
  }
}

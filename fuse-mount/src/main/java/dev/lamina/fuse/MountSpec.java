package dev.lamina.fuse;

/**
 * What is to be mounted, for either {@link Mounter}.
 *
 * @param mountPoint absolute path
 * @param source what {@code mount} and {@code df} show as the device
 * @param subtype after {@code fuse.} in the filesystem type
 * @param flags MS_* of mount(2)
 * @param allowOther whether other users may enter; null means where that is permitted
 * @param maxRead most bytes in one READ
 */
record MountSpec(
    String mountPoint,
    String source,
    String subtype,
    long flags,
    Boolean allowOther,
    int maxRead) {}

package dev.lamina.cli.doctor;

import java.util.Optional;

/**
 * What the filesystem of a directory was found to do.
 *
 * @param type as the mount table has it, such as {@code ext4}
 * @param options of the filesystem and its mount
 * @param errnoOfScratch 0 where something could be made in the directory; else nothing below tells
 *     anything
 * @param trustedXattrs {@code trusted.*} can be set
 * @param userXattrs {@code user.*} can be set
 * @param whiteouts character devices 0:0 can be made
 * @param exchange {@code RENAME_EXCHANGE} and {@code RENAME_NOREPLACE}
 * @param renameWhiteout {@code RENAME_WHITEOUT}
 * @param types listings tell the type of each entry
 * @param reflink files can share blocks (FICLONE)
 * @param unnamedFiles {@code O_TMPFILE}
 * @param holes holes can be made, and found by SEEK_DATA
 * @param handles inodes can be named for ever, and opened by that name
 * @param projectId quota project of the directory, where there are projects
 * @param nameLength bytes that a name may have
 * @param freeBytes that this user may take
 * @param freeInodes empty where the filesystem does not count them
 */
record FilesystemFacts(
    String type,
    String options,
    int errnoOfScratch,
    boolean trustedXattrs,
    boolean userXattrs,
    boolean whiteouts,
    boolean exchange,
    boolean renameWhiteout,
    boolean types,
    boolean reflink,
    boolean unnamedFiles,
    boolean holes,
    boolean handles,
    Optional<Integer> projectId,
    long nameLength,
    long freeBytes,
    Optional<Long> freeInodes) {}

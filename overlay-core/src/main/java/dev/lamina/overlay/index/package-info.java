/**
 * The index, {@code work/index}: which promoted file stands for a lower file that has several
 * names, so that all of them stay one file. Its format is kernel overlayfs's ({@code index=on}),
 * found out by looking at what Linux 6.18 leaves. Knows entries, not how they come about.
 */
package dev.lamina.overlay.index;

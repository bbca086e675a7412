/**
 * What stands on disk: how a layer says that a name is gone or that a directory hides what is below
 * it. One class per dialect; {@link dev.lamina.overlay.format.LayerFormat} reads them together.
 */
package dev.lamina.overlay.format;

/**
 * What an overlay tells whoever embeds it, while it happens ({@link
 * dev.lamina.overlay.event.OverlayListener}), and how often each thing did. Knows nodes and names,
 * but neither locks nor layers.
 */
package dev.lamina.overlay.event;

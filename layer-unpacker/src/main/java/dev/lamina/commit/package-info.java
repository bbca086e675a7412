/**
 * Turns what a container changed into a layer, and that with its parent into a new image; writes
 * images where other programs find them.
 */
package dev.lamina.commit;

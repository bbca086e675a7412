/**
 * Copy-on-write: bringing lower objects into the upper, and the work directory where everything is
 * prepared before one rename publishes it.
 */
package dev.lamina.overlay.promote;

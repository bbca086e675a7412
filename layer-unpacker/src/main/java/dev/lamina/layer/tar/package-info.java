/**
 * Tar archives, byte for byte: names, link names and extended attribute values are bytes here,
 * which no tar library on the JVM offers (they decode PAX records to text and so break {@code
 * security.capability} and names that are not UTF-8; see docs/decisions.md). Reads ustar, PAX, GNU
 * and old V7 headers; writes ustar with PAX records where ustar does not suffice.
 */
package dev.lamina.layer.tar;

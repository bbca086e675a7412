/**
 * One page about an image, as {@code lamina report} writes it: a single HTML file that needs no
 * network and no program but a browser. All text of the image is escaped, and the page forbids
 * itself to load anything.
 */
package dev.lamina.inspect.report;

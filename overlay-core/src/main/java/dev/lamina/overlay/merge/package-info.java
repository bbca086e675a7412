/** How layers become one tree: what a name stands for, and what a directory lists. Reads only. */
package dev.lamina.overlay.merge;

/**
 * What each layer of an image adds, changes and deletes, and what of it is wasted. Reads the layers
 * as they lie in the store, bottom first, into one compact tree of all their paths ({@link
 * dev.lamina.inspect.layers.PathTree}).
 */
package dev.lamina.inspect.layers;

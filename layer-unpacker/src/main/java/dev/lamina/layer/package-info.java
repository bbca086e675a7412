/**
 * Applies layers: reads a layer's tar stream and makes the tree it describes in an empty directory,
 * by the rules of the OCI image specification (layer.md), and writes such streams.
 *
 * <p>A layer becomes a directory of its own, ready to be a lower of the union: whiteouts and opaque
 * directories become marks of a {@link dev.lamina.layer.Dialect}. Nothing is ever resolved from the
 * host's root; every call takes one name below an open directory of the layer and follows no link.
 */
package dev.lamina.layer;

/**
 * Images as they are kept and moved: digests, descriptors, manifests, configurations, and the
 * sources that hold them (OCI layouts and archives, Docker archives).
 *
 * <p>Everything read here is hostile until proven otherwise. Documents are bounded in size and
 * depth ({@link dev.lamina.image.Json}); blobs are compared with their descriptor, size first, then
 * digest. Layers are only handed out as streams: applying them is {@code dev.lamina.layer}'s work.
 */
package dev.lamina.image;

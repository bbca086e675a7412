package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;

/** A manifest's own bytes, what they say, and how others refer to them. */
final class StoredManifest {
  private final byte[] bytes;
  private final Manifest document;
  private final Descriptor descriptor;

  private StoredManifest(byte[] bytes, Manifest document, Descriptor descriptor) {
    this.bytes = bytes;
    this.document = document;
    this.descriptor = descriptor;
  }

  static StoredManifest of(byte[] bytes) throws ImageException {
    Digest digest = Digest.sha256(bytes);
    Manifest document = Manifest.parse(bytes, "manifest " + digest);
    String mediaType = MediaTypes.ofManifest(document);
    return new StoredManifest(
        bytes.clone(), document, Descriptor.of(mediaType, digest, bytes.length));
  }

  byte[] bytes() {
    return bytes.clone();
  }

  Manifest document() {
    return document;
  }

  Descriptor descriptor() {
    return descriptor;
  }

  Digest digest() {
    return descriptor.digest();
  }
}

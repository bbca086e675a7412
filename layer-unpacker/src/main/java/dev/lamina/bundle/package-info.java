/**
 * OCI runtime bundles (runtime-spec, bundle.md): how a runtime such as runc is to run an image,
 * made from the image's configuration. The root filesystem's place is whoever calls' to mount.
 */
package dev.lamina.bundle;

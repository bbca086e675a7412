/**
 * Registries of the OCI distribution specification and of Docker: images are pulled from and pushed
 * to them with the JDK's own HTTP client.
 *
 * <p>{@link dev.lamina.registry.Registries} is the face. A {@code Repository} is one repository at
 * one place; the {@code Exchange} behind it adds what every request needs: authorization,
 * redirects, repetition. A server is believed nothing: documents are bounded, content is compared
 * with its digest, and credentials go to nobody but the registry they belong to and the token
 * server that it names.
 */
package dev.lamina.registry;

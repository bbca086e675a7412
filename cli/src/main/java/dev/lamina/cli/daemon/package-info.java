/**
 * One server for many mounts: the {@link dev.lamina.cli.daemon.Daemon} that takes command lines
 * over a unix socket, and the {@link dev.lamina.cli.daemon.Client} that the launchers run where
 * there is no perl, which loads next to nothing: of this package only what it must, and no other of
 * Lamina's. What the commands do is their business, {@code dev.lamina.cli}.
 */
package dev.lamina.cli.daemon;

/**
 * Figures of running mounts, from the servers that have them to whoever asks: a unix socket beside
 * those of the daemons, which gives them to everyone who can connect and takes nothing. A server
 * answers on a thread of its own, and the one who asks never touches the mount, so a mount that is
 * stuck can be looked at.
 */
package dev.lamina.cli.stats;

/**
 * The {@code lamina} and {@code fuse-lamina} commands: what a user says, handed on to the rooms
 * that do the work. Exit statuses are listed in {@link dev.lamina.cli.ExitStatus} and docs/cli.md.
 */
package dev.lamina.cli;

/**
 * What the commands and servers log: the backend of SLF4J, how much it says, and what a line looks
 * like in a terminal, a file and systemd's journal.
 */
package dev.lamina.cli.log;

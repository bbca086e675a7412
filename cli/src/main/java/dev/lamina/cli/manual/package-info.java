/** Manual pages, made of what picocli knows of the commands; run by the build of the packages. */
package dev.lamina.cli.manual;

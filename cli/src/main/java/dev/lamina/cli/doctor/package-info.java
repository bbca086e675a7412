/**
 * What {@code lamina doctor} looks at. Each subject is two steps: facts are gathered by trying, and
 * then judged, apart from the host, into {@link dev.lamina.cli.doctor.Finding findings} that say
 * what they cost or gain. What is tried is done in a scratch directory that goes away again.
 */
package dev.lamina.cli.doctor;

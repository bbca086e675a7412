/**
 * One connection to the kernel: negotiation, the threads that carry requests, and what each request
 * does. A transport brings a request and room for its reply to a {@code Dispatcher}, which does not
 * know how they travel.
 */
package dev.lamina.fuse.session;

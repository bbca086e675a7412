/** containerd's gRPC service on a unix socket, in front of {@link dev.lamina.snapshot}. */
package dev.lamina.snapshot.grpc;

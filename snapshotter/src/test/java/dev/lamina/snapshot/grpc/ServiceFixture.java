package dev.lamina.snapshot.grpc;

import dev.lamina.snapshot.SnapshotOptions;
import dev.lamina.snapshot.Snapshots;
import dev.lamina.snapshot.api.CleanupRequest;
import dev.lamina.snapshot.api.CommitSnapshotRequest;
import dev.lamina.snapshot.api.Info;
import dev.lamina.snapshot.api.ListSnapshotsRequest;
import dev.lamina.snapshot.api.Mount;
import dev.lamina.snapshot.api.MountsRequest;
import dev.lamina.snapshot.api.PrepareSnapshotRequest;
import dev.lamina.snapshot.api.RemoveSnapshotRequest;
import dev.lamina.snapshot.api.SnapshotsGrpc;
import dev.lamina.snapshot.api.StatSnapshotRequest;
import dev.lamina.snapshot.api.UsageRequest;
import dev.lamina.snapshot.api.UsageResponse;
import dev.lamina.snapshot.api.ViewSnapshotRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A client of a server over a socket, both in this process. */
final class ServiceFixture implements Closeable {
  final Path root;
  final Path socket;
  final Snapshots snapshots;
  final SnapshotServer server;
  final SnapshotsGrpc.SnapshotsBlockingStub stub;
  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final ManagedChannel channel;

  ServiceFixture(Path directory, SnapshotOptions options) throws Exception {
    root = directory.resolve("root");
    socket = directory.resolve("s.sock");
    snapshots = Snapshots.open(root, options);
    server = SnapshotServer.start(snapshots, socket);
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(loop)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    stub = SnapshotsGrpc.newBlockingStub(channel).withDeadlineAfter(240, TimeUnit.SECONDS);
  }

  List<Mount> prepare(String key, String parent, Map<String, String> labels) {
    return stub.prepare(
            PrepareSnapshotRequest.newBuilder()
                .setSnapshotter("lamina")
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  List<Mount> prepare(String key, String parent) {
    return prepare(key, parent, Map.of());
  }

  List<Mount> view(String key, String parent, Map<String, String> labels) {
    return stub.view(
            ViewSnapshotRequest.newBuilder()
                .setKey(key)
                .setParent(parent)
                .putAllLabels(labels)
                .build())
        .getMountsList();
  }

  List<Mount> view(String key, String parent) {
    return view(key, parent, Map.of());
  }

  List<Mount> mounts(String key) {
    return stub.mounts(MountsRequest.newBuilder().setKey(key).build()).getMountsList();
  }

  void commit(String name, String key, Map<String, String> labels) {
    var unused =
        stub.commit(
            CommitSnapshotRequest.newBuilder()
                .setName(name)
                .setKey(key)
                .putAllLabels(labels)
                .build());
  }

  void commit(String name, String key) {
    commit(name, key, Map.of());
  }

  /** A committed snapshot of nothing. */
  void layer(String name, String parent) {
    prepare(name + "-key", parent);
    commit(name, name + "-key");
  }

  void remove(String key) {
    var unused = stub.remove(RemoveSnapshotRequest.newBuilder().setKey(key).build());
  }

  void cleanup() {
    var unused = stub.cleanup(CleanupRequest.getDefaultInstance());
  }

  Info stat(String key) {
    return stub.stat(StatSnapshotRequest.newBuilder().setKey(key).build()).getInfo();
  }

  UsageResponse usage(String key) {
    return stub.usage(UsageRequest.newBuilder().setKey(key).build());
  }

  List<Info> list(String... filters) {
    List<Info> all = new ArrayList<>();
    stub.list(ListSnapshotsRequest.newBuilder().addAllFilters(List.of(filters)).build())
        .forEachRemaining(response -> all.addAll(response.getInfoList()));
    return all;
  }

  List<String> names(String... filters) {
    return list(filters).stream().map(Info::getName).toList();
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    server.close();
    snapshots.close();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}

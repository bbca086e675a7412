package dev.lamina.snapshot.grpc;

import com.google.common.collect.Lists;
import com.google.protobuf.Empty;
import dev.lamina.snapshot.SnapshotException;
import dev.lamina.snapshot.SnapshotInfo;
import dev.lamina.snapshot.Snapshots;
import dev.lamina.snapshot.api.CleanupRequest;
import dev.lamina.snapshot.api.CommitSnapshotRequest;
import dev.lamina.snapshot.api.ListSnapshotsRequest;
import dev.lamina.snapshot.api.ListSnapshotsResponse;
import dev.lamina.snapshot.api.MountsRequest;
import dev.lamina.snapshot.api.MountsResponse;
import dev.lamina.snapshot.api.PrepareSnapshotRequest;
import dev.lamina.snapshot.api.PrepareSnapshotResponse;
import dev.lamina.snapshot.api.RemoveSnapshotRequest;
import dev.lamina.snapshot.api.SnapshotsGrpc;
import dev.lamina.snapshot.api.StatSnapshotRequest;
import dev.lamina.snapshot.api.StatSnapshotResponse;
import dev.lamina.snapshot.api.UpdateSnapshotRequest;
import dev.lamina.snapshot.api.UpdateSnapshotResponse;
import dev.lamina.snapshot.api.UsageRequest;
import dev.lamina.snapshot.api.UsageResponse;
import dev.lamina.snapshot.api.ViewSnapshotRequest;
import dev.lamina.snapshot.api.ViewSnapshotResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code containerd.services.snapshots.v1.Snapshots} of one {@link Snapshots}. Thread-safe. */
final class SnapshotService extends SnapshotsGrpc.SnapshotsImplBase {
  private static final Logger log = LoggerFactory.getLogger(SnapshotService.class);

  /** As many as containerd's own servers put into one message. */
  private static final int LIST_AT_A_TIME = 100;

  private final Snapshots snapshots;

  /** What answers a call with one message. */
  private interface Answer<T> {
    T get() throws SnapshotException, IOException, InterruptedException;
  }

  SnapshotService(Snapshots snapshots) {
    this.snapshots = snapshots;
  }

  @Override
  public void prepare(
      PrepareSnapshotRequest request, StreamObserver<PrepareSnapshotResponse> observer) {
    answer(
        "Prepare " + request.getKey(),
        observer,
        () ->
            PrepareSnapshotResponse.newBuilder()
                .addAllMounts(
                    Messages.mounts(
                        snapshots.prepare(
                            request.getKey(), request.getParent(), request.getLabelsMap())))
                .build());
  }

  @Override
  public void view(ViewSnapshotRequest request, StreamObserver<ViewSnapshotResponse> observer) {
    answer(
        "View " + request.getKey(),
        observer,
        () ->
            ViewSnapshotResponse.newBuilder()
                .addAllMounts(
                    Messages.mounts(
                        snapshots.view(
                            request.getKey(), request.getParent(), request.getLabelsMap())))
                .build());
  }

  @Override
  public void mounts(MountsRequest request, StreamObserver<MountsResponse> observer) {
    answer(
        "Mounts " + request.getKey(),
        observer,
        () ->
            MountsResponse.newBuilder()
                .addAllMounts(Messages.mounts(snapshots.mounts(request.getKey())))
                .build());
  }

  @Override
  public void commit(CommitSnapshotRequest request, StreamObserver<Empty> observer) {
    answer(
        "Commit " + request.getKey(),
        observer,
        () -> {
          snapshots.commit(request.getName(), request.getKey(), request.getLabelsMap());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void remove(RemoveSnapshotRequest request, StreamObserver<Empty> observer) {
    answer(
        "Remove " + request.getKey(),
        observer,
        () -> {
          snapshots.remove(request.getKey());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void stat(StatSnapshotRequest request, StreamObserver<StatSnapshotResponse> observer) {
    answer(
        "Stat " + request.getKey(),
        observer,
        () ->
            StatSnapshotResponse.newBuilder()
                .setInfo(Messages.info(snapshots.stat(request.getKey())))
                .build());
  }

  @Override
  public void update(
      UpdateSnapshotRequest request, StreamObserver<UpdateSnapshotResponse> observer) {
    answer(
        "Update " + request.getInfo().getName(),
        observer,
        () ->
            UpdateSnapshotResponse.newBuilder()
                .setInfo(
                    Messages.info(
                        snapshots.update(
                            request.getInfo().getName(),
                            request.getInfo().getLabelsMap(),
                            request.getUpdateMask().getPathsList())))
                .build());
  }

  @Override
  public void usage(UsageRequest request, StreamObserver<UsageResponse> observer) {
    answer(
        "Usage " + request.getKey(),
        observer,
        () -> {
          dev.lamina.snapshot.Usage usage = snapshots.usage(request.getKey());
          return UsageResponse.newBuilder().setSize(usage.size()).setInodes(usage.inodes()).build();
        });
  }

  @Override
  public void cleanup(CleanupRequest request, StreamObserver<Empty> observer) {
    answer(
        "Cleanup",
        observer,
        () -> {
          snapshots.cleanup();
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void list(ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> observer) {
    attempt(
        "List",
        observer,
        () -> {
          List<SnapshotInfo> all = snapshots.list(request.getFiltersList());
          for (List<SnapshotInfo> some : Lists.partition(all, LIST_AT_A_TIME)) {
            ListSnapshotsResponse.Builder response = ListSnapshotsResponse.newBuilder();
            some.forEach(info -> response.addInfo(Messages.info(info)));
            observer.onNext(response.build());
          }
          return null;
        });
  }

  private static <T> void answer(String call, StreamObserver<T> observer, Answer<T> answer) {
    attempt(
        call,
        observer,
        () -> {
          observer.onNext(answer.get());
          return null;
        });
  }

  /** Ends the call, with the status of what is thrown. */
  private static void attempt(String call, StreamObserver<?> observer, Answer<Void> answer) {
    try {
      answer.get();
      observer.onCompleted();
    } catch (SnapshotException e) {
      log.debug("{}: {}", call, e.getMessage());
      observer.onError(status(e).withDescription(e.getMessage()).asRuntimeException());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      observer.onError(
          Status.UNAVAILABLE.withDescription("the snapshotter ends").asRuntimeException());
    } catch (IOException | RuntimeException e) {
      log.error("{} failed", call, e);
      observer.onError(
          Status.INTERNAL.withDescription(e.getMessage()).withCause(e).asRuntimeException());
    }
  }

  private static Status status(SnapshotException e) {
    return switch (e.reason()) {
      case NOT_FOUND -> Status.NOT_FOUND;
      case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
      case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
      case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
    };
  }
}

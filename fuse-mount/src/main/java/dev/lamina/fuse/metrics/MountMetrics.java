package dev.lamina.fuse.metrics;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;

/**
 * What the server of a mount has done since it was mounted. Immutable. What the kernel knows
 * already, and I/O of files in passthrough, costs no request and is not counted: the fewer
 * requests, the better its caches work.
 *
 * @param requests by the protocol's name for their kind, such as {@code LOOKUP}, in alphabetical
 *     order; kinds that never came are left out
 * @param errors how often a request was answered with an error, by errno. Many are nobody's fault:
 *     ENODATA for an xattr that is not there, ENOSYS for what the kernel then does itself
 * @param opens files that were opened, by how the kernel does their I/O
 * @param underWay requests that threads are at work on now, the longest first
 */
public record MountMetrics(
    Map<String, Latencies> requests,
    Map<Integer, Long> errors,
    Map<OpenKind, Long> opens,
    List<UnderWay> underWay) {
  /** Copies all. */
  public MountMetrics {
    requests = ImmutableMap.copyOf(requests);
    errors = ImmutableMap.copyOf(errors);
    opens = ImmutableMap.copyOf(opens);
    underWay = ImmutableList.copyOf(underWay);
  }

  /**
   * A request that is being served.
   *
   * @param kind the protocol's name for it
   * @param node number of the node that it is about, 0 for none
   * @param nanos how long it has taken so far
   */
  public record UnderWay(String kind, long node, long nanos) {}

  /** All kinds of requests together. */
  public Latencies allRequests() {
    return requests.values().stream().reduce(Latencies.NONE, Latencies::plus);
  }
}

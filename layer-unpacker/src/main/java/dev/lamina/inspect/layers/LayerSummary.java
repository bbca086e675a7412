package dev.lamina.inspect.layers;

import dev.lamina.store.StoredLayer;
import java.util.List;

/**
 * What one layer holds and does to the layers below.
 *
 * @param number from 1, the bottommost
 * @param files all objects but directories, each name of a hard link counted
 * @param bytes of file content, hard links counted once
 * @param added objects at paths where the layers below show nothing
 * @param changed objects in the place of others; directories where owner or mode differ
 * @param deleted objects that the layers below show and that are gone, with all in them
 * @param hidden bytes of this layer that the image does not show: replaced or deleted further up
 * @param notable the largest changes of each kind, the largest first
 * @param map where its bytes are
 */
public record LayerSummary(
    int number,
    StoredLayer layer,
    long files,
    long directories,
    long bytes,
    Tally added,
    Tally changed,
    Tally deleted,
    long hidden,
    List<NotableChange> notable,
    SizeNode map) {}

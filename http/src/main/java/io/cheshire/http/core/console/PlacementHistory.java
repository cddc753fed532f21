package io.cheshire.http.core.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest placements that were seen, so that two of them can be compared. Safe from any thread. */
public final class PlacementHistory {
    /** Of 512 units with two copies each: a hundred kilobytes. */
    static final int MOST_EPOCHS = 16;

    private final Deque<Seen> epochs = new ArrayDeque<>();

    private record Seen(long epoch, long timeMs, List<List<Integer>> nodesByUnit) {}

    /** Keeps a placement, if it is another one than the last. */
    public synchronized void add(final long timeMs, final Placement placement) {
        final Seen last = epochs.peekLast();
        if (last != null && last.epoch == placement.epoch()) {
            return;
        }
        epochs.addLast(new Seen(placement.epoch(), timeMs, placement.nodesByUnit()));
        if (epochs.size() > MOST_EPOCHS) {
            epochs.removeFirst();
        }
    }

    /** All of them, oldest first. */
    public synchronized ArrayNode drawn() {
        final ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (final Seen seen : epochs) {
            final ObjectNode one = list.addObject();
            one.put("epochText", Epochs.text(seen.epoch)).put("timeMs", seen.timeMs);
            final ArrayNode units = one.putArray("nodesByUnit");
            seen.nodesByUnit.forEach(nodes -> nodes.forEach(units.addArray()::add));
        }
        return list;
    }
}

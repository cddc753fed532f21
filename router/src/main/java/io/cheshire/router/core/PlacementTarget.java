package io.cheshire.router.core;

import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the router actor commands: the engine's view of the placement. Safe from any thread; never blocks. */
public interface PlacementTarget {
    /**
     * Switches to a placement. Lanes switch between layers; completes once no shard chosen under an older epoch is
     * open, which is when the router may acknowledge the epoch.
     *
     * @param placement epochs that don't grow are ignored
     * @param nodes     every node that the placement names
     */
    CompletionStage<Long> apply(Placement placement, List<NodeEndpoint> nodes);

    /** The units that nobody answers for, as of now. */
    Unanswered unanswered();

    /**
     * Units of a placement whose nodes are all lost or silent; a node that connects for the first time isn't among
     * these.
     *
     * @param epoch the placement's
     * @param keys  in order of layer and expert
     */
    record Unanswered(long epoch, List<ExpertKey> keys) {
        /** Nothing is missing. */
        public static final Unanswered NONE = new Unanswered(0, List.of());

        public Unanswered {
            keys = List.copyOf(keys);
        }
    }

    /** Rows computed by the router since start, per layer: the other side of the nodes' row counters. */
    List<Long> rowsByLayer();

    /** The rows that were asked for beyond those, per layer; a caller that wants both asks for these first. */
    AnswerRows answerRows();

    /** What the router sent to each unit since start: what balancing works on. */
    UnitTraffic unitTraffic();
}

package io.cheshire.expertnode.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What the expert-node actor commands: the part of a node that holds weights and computes. Safe from any thread; never
 * blocks.
 */
public interface UnitHost {
    /** Where routers reach this node. */
    NodeEndpoint endpoint();

    /**
     * Loads, verifies and warms a unit and says what was read; completes exceptionally with a message for people when
     * that fails.
     *
     * @param knownSha256 what it must be, or empty; anything else is said, too, and not taken into service
     */
    CompletionStage<HeldUnit> load(ExpertKey key, String knownSha256);

    /**
     * Has a resident unit compute one row that the seed draws, once no router's rows are waiting: SHA-256 of the
     * answer's bytes. Completes exceptionally, with a message for people, when the unit isn't there or the node is busy
     * for too long. Counts nowhere.
     */
    CompletionStage<String> probe(ExpertKey key, long seed);

    /** Stops serving a unit and frees it; late shards for it get a Nack. */
    CompletionStage<ExpertKey> unload(ExpertKey key);

    /** No new shards (Nack DRAINING); completes when those already queued are answered. */
    CompletionStage<Void> drain();

    /** Counters since start, one entry a unit ever served. */
    List<UnitLoad> loads();

    /** Bytes of weights resident now. */
    long residentBytes();

    /** How the device is, in a few words; empty: nobody knows. */
    default String deviceHealth() {
        return "";
    }
}

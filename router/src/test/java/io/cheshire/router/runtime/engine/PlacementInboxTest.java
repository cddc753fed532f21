package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static io.cheshire.router.runtime.engine.EngineRig.greedy;
import static io.cheshire.router.runtime.engine.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A placement is taken over whole, whatever its nodes say of themselves. */
class PlacementInboxTest {
    private static final int NODES = 4;
    private static final int WRONG = 9;
    /** Several of the rig's intervals between tries to connect. */
    private static final int LONG_CYCLES = 200;

    private final FakeExperts experts = new FakeExperts(Precision.FP32, 64, 1);

    private EngineRig rig() {
        return new EngineRig(config(Map.of()), 256, experts);
    }

    /** Every unit at a node whose channel can't be, and at one that is well. */
    private static CompletableFuture<Long> offerWithWrongNode(final EngineRig rig, final long epoch) {
        final List<List<Integer>> nodes = IntStream.range(0, rig.model.unitCount())
                .mapToObj(unit -> List.of(WRONG, unit % NODES))
                .toList();
        final List<NodeEndpoint> endpoints = Stream.concat(
                        Stream.of(new NodeEndpoint(WRONG, 7, "aeron:tcp?endpoint=10.0.0.9:40100", WRONG)),
                        IntStream.range(0, NODES).mapToObj(node -> new NodeEndpoint(node, 7, "aeron:ipc", node)))
                .toList();
        return rig.engine
                .apply(new Placement(epoch, rig.model.expertCount(), nodes), endpoints)
                .toCompletableFuture();
    }

    @Test
    void shouldServeAndAcknowledgeWhenANodeOfThePlacementCannotBeConnected() {
        try (EngineRig rig = rig()) {
            final CompletableFuture<Long> first = offerWithWrongNode(rig, 1);
            rig.run("every unit has a node", () -> rig.engine.status().ready() && first.isDone());
            assertThat(first).isCompletedWithValue(1L);
            assertThat(rig.engine.unanswered().keys()).isEmpty();

            IntStream.range(0, LONG_CYCLES).forEach(cycle -> rig.cycle());
            final Recorder recorder = rig.submit(greedy(prompt(12), 8));
            rig.runAll();
            assertThat(recorder.tokens).isEqualTo(Oracle.greedy(prompt(12), 8));
            assertThat(rig.engine.nodeHealth())
                    .filteredOn(node -> !node.connected())
                    .extracting(NodeHealth::nodeId)
                    .containsExactly(WRONG);

            final CompletableFuture<Long> second = offerWithWrongNode(rig, 2);
            rig.run("the next is acknowledged", second::isDone);
            final CompletableFuture<Void> drained =
                    rig.engine.drain(Duration.ofSeconds(1)).toCompletableFuture();
            rig.run("it is drained", drained::isDone);
        }
    }

    @Test
    void shouldDropTheLinkWhenANodeComesBackOnAChannelThatCannotBe() {
        try (EngineRig rig = rig().place(NODES)) {
            final List<List<Integer>> nodes = IntStream.range(0, rig.model.unitCount())
                    .mapToObj(unit -> List.of(0, 1))
                    .toList();
            final CompletableFuture<Long> done = rig.engine
                    .apply(
                            new Placement(2, rig.model.expertCount(), nodes),
                            List.of(new NodeEndpoint(0, 8, "", 0), new NodeEndpoint(1, 7, "aeron:ipc", 1)))
                    .toCompletableFuture();
            rig.run("it is acknowledged", done::isDone);
            assertThat(experts.connected(0)).isFalse();
            assertThat(experts.connected(1)).isTrue();
            final Recorder recorder = rig.submit(greedy(prompt(12), 8));
            rig.runAll();
            assertThat(recorder.tokens).isEqualTo(Oracle.greedy(prompt(12), 8));
        }
    }
}

package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.link.SimWire;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.collections.LongHashSet;

/**
 * The seam between a router's engine and its transport: keeps the ledger, and plants the bugs that live here. Without a
 * bug it changes nothing.
 */
final class LedgerTransport implements ExpertTransport {
    private static final long OLDEST_FIGURES_NS = 300 * World.MS;

    private final ExpertTransport inner;
    private final ShardLedger ledger;
    private final World world;
    private final String router;
    private final PlantedBug bug;
    private final SimWire wire;
    private final long resultRowBytes;
    private final int nodeCount;
    private final SplittableRandom random;
    private final LongHashSet swallowed = new LongHashSet();
    private final LostDevices lostDevices;
    /** Nodes that are connected and not suspect. */
    private final Set<Integer> trusted = new HashSet<>();

    /** Nodes whose connection has ended and isn't there again, and since when. */
    private final Map<Integer, Long> lost = new HashMap<>();

    LedgerTransport(
            final ExpertTransport inner,
            final ShardLedger ledger,
            final SimContext context,
            final String router,
            final SimWire wire,
            final SplittableRandom random) {
        this.inner = inner;
        this.ledger = ledger;
        this.world = context.world();
        this.router = router;
        this.bug = context.bug();
        this.wire = wire;
        this.resultRowBytes = context.identity().resultRowBytes();
        this.nodeCount = context.parameters().shape.nodes;
        this.random = random;
        this.lostDevices = new LostDevices(world, router);
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        inner.connect(endpoint);
    }

    @Override
    public void disconnect(final int nodeId) {
        inner.disconnect(nodeId);
        trusted.remove(nodeId);
        lost.putIfAbsent(nodeId, world.nowNs());
        ledger.nodeLost(nodeId);
    }

    @Override
    public int creditRows(final int nodeId) {
        return inner.creditRows(nodeId);
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        if (swallowed.contains(shard.shardId)) {
            shard.rowsSent = shard.rowCount;
            return SendOutcome.SENT;
        }
        final int rightNode = shard.nodeId;
        final long rightShardId = shard.shardId;
        if (bug == PlantedBug.WRONG_REPLICA && shard.rowsSent == 0 && random.nextInt(20) == 0) {
            shard.nodeId = (shard.nodeId + 1) % nodeCount;
        }
        if (bug == PlantedBug.REUSE_STEP_ID) {
            shard.shardId = shard.shardId % 64;
        }
        ledger.check(shard);
        lostDevices.asked(shard.nodeId);
        final int sentBefore = shard.rowsSent;
        final SendOutcome outcome = inner.dispatch(shard, laneRows);
        ledger.sent(shard, outcome, sentBefore);
        world.mix(shard.shardId * 31 + shard.rowsSent);
        world.note(
                router,
                () -> "shard " + shard.shardId + "/" + shard.attempt + " lane " + shard.lane + " step " + shard.step
                        + " unit " + shard.layer + "." + shard.expert + " x" + shard.rowCount + " -> node "
                        + shard.nodeId + ": " + outcome);
        shard.nodeId = rightNode;
        shard.shardId = rightShardId;
        return outcome;
    }

    @Override
    public int doWork(final long nowNs, final Listener listener) {
        final int work = inner.doWork(nowNs, new Tap(listener));
        for (final NodeEndpoint node : wire.takeCut()) {
            if (trusted.contains(node.nodeId())) {
                world.violate(
                        "a node that let go of its lifeline is suspect",
                        router + " still trusts node " + node.nodeId());
            }
        }
        return work;
    }

    /** The engine's figures mustn't name a node that was lost longer ago than they are old. */
    void check(final List<NodeHealth> nodes) {
        for (final NodeHealth node : nodes) {
            final Long sinceNs = lost.get(node.nodeId());
            if (sinceNs != null && node.connected() && world.nowNs() - sinceNs > OLDEST_FIGURES_NS) {
                world.violate("a lost node is known to be lost", router + " takes node " + node.nodeId() + " for up");
            }
        }
    }

    @Override
    public void close() {
        inner.close();
    }

    private final class Tap implements Listener {
        private final Listener engine;

        private Tap(final Listener engine) {
            this.engine = engine;
        }

        @Override
        public void onResult(
                final int nodeId,
                final long shardId,
                final int attempt,
                final int layer,
                final int firstRow,
                final int rowCount,
                final MemorySegment rows,
                final long queueNs,
                final long computeNs) {
            final Long other = bug == PlantedBug.ACCEPT_DUPLICATE ? ledger.otherOpen(shardId, nodeId) : null;
            checkLink(nodeId);
            ledger.result(nodeId, shardId, attempt, firstRow, rowCount);
            world.mix(shardId ^ attempt);
            world.note(
                    router,
                    () -> "shard " + shardId + "/" + attempt + " rows " + firstRow + "+" + rowCount + " from node "
                            + nodeId);
            engine.onResult(nodeId, shardId, attempt, layer, firstRow, rowCount, rows, queueNs, computeNs);
            if (other != null && random.nextInt(10) == 0) {
                engine.onResult(
                        nodeId, other, ledger.lastAttempt(other), layer, 0, 1, rows.asSlice(0, resultRowBytes), 0, 0);
            }
            if (bug == PlantedBug.DOUBLE_COUNT_ARRIVAL) {
                engine.onResult(
                        nodeId,
                        shardId,
                        attempt,
                        layer,
                        firstRow + rowCount,
                        1,
                        rows.asSlice(0, resultRowBytes),
                        queueNs,
                        computeNs);
            }
        }

        @Override
        public void onNack(final int nodeId, final long shardId, final int attempt, final NackReason reason) {
            checkLink(nodeId);
            ledger.nack(nodeId, shardId, attempt, reason);
            world.mix(shardId * 7 + attempt);
            world.note(router, () -> "shard " + shardId + "/" + attempt + " refused by node " + nodeId + ": " + reason);
            if (reason == NackReason.DEVICE_LOST) {
                lostDevices.lost(nodeId);
            }
            engine.onNack(nodeId, shardId, attempt, reasonToldOf(reason));
            if (bug == PlantedBug.DROP_PENDING_ON_NACK) {
                swallowed.add(shardId);
            }
        }

        @Override
        public void onNodeReady(final int nodeId, final long incarnation) {
            world.note(router, () -> "node " + nodeId + " is ready");
            trusted.add(nodeId);
            lost.remove(nodeId);
            lostDevices.connected(nodeId, incarnation);
            ledger.nodeReady(nodeId);
            if (bug != PlantedBug.IGNORE_NODE_READY || world.nowNs() < 500 * World.MS) {
                engine.onNodeReady(nodeId, incarnation);
            }
        }

        @Override
        public void onNodeSuspected(final int nodeId, final String reason) {
            world.note(router, () -> "node " + nodeId + " is suspect: it " + reason);
            trusted.remove(nodeId);
            ledger.nodeSuspected(nodeId);
            engine.onNodeSuspected(nodeId, reason);
        }

        @Override
        public void onNodeRecovered(final int nodeId) {
            world.note(router, () -> "node " + nodeId + " has recovered");
            trusted.add(nodeId);
            ledger.nodeRecovered(nodeId);
            engine.onNodeRecovered(nodeId);
        }

        @Override
        public void onNodeLost(final int nodeId, final long incarnation, final String reason) {
            world.note(router, () -> "node " + nodeId + " is lost: " + reason);
            if (bug == PlantedBug.SKIP_EXPERT) {
                answerWithZeros(nodeId);
            }
            trusted.remove(nodeId);
            lost.putIfAbsent(nodeId, world.nowNs());
            ledger.nodeLost(nodeId);
            if (bug != PlantedBug.IGNORE_NODE_LOSS) {
                engine.onNodeLost(nodeId, incarnation, reason);
            }
        }

        private NackReason reasonToldOf(final NackReason reason) {
            return bug == PlantedBug.TAKE_LOSS_FOR_FAILURE && reason == NackReason.DEVICE_LOST
                    ? NackReason.COMPUTE_FAILED
                    : reason;
        }

        private void checkLink(final int nodeId) {
            if (wire.isOfEarlierLink()) {
                world.violate("nothing of an earlier link is taken", router + " took it of node " + nodeId);
            }
        }

        private void answerWithZeros(final int nodeId) {
            for (final long shardId : ledger.openAt(nodeId)) {
                final int rows = ledger.rowsOf(shardId);
                engine.onResult(
                        nodeId,
                        shardId,
                        ledger.lastAttempt(shardId),
                        ledger.layerOf(shardId),
                        0,
                        rows,
                        MemorySegment.ofArray(new byte[Math.toIntExact(rows * resultRowBytes)]),
                        0,
                        0);
            }
        }
    }
}

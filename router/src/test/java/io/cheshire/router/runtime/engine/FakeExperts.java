package io.cheshire.router.runtime.engine;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;

/**
 * Expert nodes without transport: computes shards of the golden model with the reference kernels and, as its seed has
 * it, answers out of order, in pieces, twice, late or not at all, refuses, pushes back, and loses nodes for a while.
 */
final class FakeExperts implements ExpertTransport {
    /** What goes wrong, each as a probability per occasion. */
    record Chaos(
            double duplicate, double nack, double backPressure, double fragment, double loseNode, double answerLate) {
        static final Chaos NONE = new Chaos(0, 0, 0, 0, 0, 0);
        static final Chaos ALL = new Chaos(0.1, 0.1, 0.2, 0.5, 0.004, 0.5);
    }

    final long[] rowsServed;
    long dispatches;
    private final ModelConfig model = GoldenModel.config();
    private final Map<ExpertKey, ExpertKernel> units = new HashMap<>();
    private final Map<Integer, Node> nodes = new HashMap<>();
    private final List<Answer> answers = new ArrayList<>();
    private final ArrayDeque<Runnable> events = new ArrayDeque<>();
    private final Random random;
    private final int creditRows;
    private final long rowBytes;
    Chaos chaos = Chaos.NONE;
    NackReason nackReason = NackReason.OVERLOADED;
    boolean answering = true;
    boolean closed;
    int maxAnswersPerCycle = Integer.MAX_VALUE;
    /** Rows of a lane that no node can compute. */
    IntPredicate uncomputable = row -> false;

    private Listener listener;

    private static final class Node {
        final NodeEndpoint endpoint;
        boolean ready;
        boolean down;
        int downCycles;
        int rowsOut;

        Node(final NodeEndpoint endpoint) {
            this.endpoint = endpoint;
        }
    }

    private record Answer(
            Node node, long shardId, int attempt, int layer, int rowCount, MemorySegment results, boolean failed) {}

    FakeExperts(final Precision precision, final int creditRows, final long seed) {
        this.creditRows = creditRows;
        random = new Random(seed);
        rowsServed = new long[model.layerCount()];
        rowBytes = (long) model.hiddenSize() * precision.rowDtype().bytes();
        for (int unit = 0; unit < model.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, model.expertCount());
            units.put(key, new ReferenceKernels().loadExpert(model, precision, GoldenModel.unitWeights(key), 1024));
        }
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        Channels.requireAllowed(endpoint.channel());
        final Node node = nodes.computeIfAbsent(endpoint.nodeId(), id -> new Node(endpoint));
        if (!node.ready && !node.down) {
            events.add(() -> {
                if (!node.ready && !node.down) {
                    node.ready = true;
                    node.rowsOut = 0;
                    listener.onNodeReady(endpoint.nodeId(), endpoint.incarnation());
                }
            });
        }
    }

    @Override
    public void disconnect(final int nodeId) {
        answers.removeIf(a -> a.node.endpoint.nodeId() == nodeId);
        nodes.remove(nodeId);
    }

    /** Takes a node away. */
    void lose(final int nodeId, final int cycles) {
        final Node node = nodes.get(nodeId);
        node.down = true;
        node.downCycles = cycles;
        if (node.ready) {
            node.ready = false;
            if (random.nextDouble() >= chaos.answerLate) {
                answers.removeIf(a -> a.node == node);
            }
            events.add(() -> listener.onNodeLost(nodeId, node.endpoint.incarnation(), "lost by the test"));
        }
    }

    boolean connected(final int nodeId) {
        return nodes.containsKey(nodeId) && nodes.get(nodeId).ready;
    }

    int unanswered() {
        return answers.size();
    }

    @Override
    public int creditRows(final int nodeId) {
        final Node node = nodes.get(nodeId);
        return node == null || !node.ready ? 0 : creditRows - node.rowsOut;
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final Node node = nodes.get(shard.nodeId);
        if (node == null || !node.ready) {
            return SendOutcome.NOT_CONNECTED;
        }
        if (shard.rowsSent == 0) {
            if (random.nextDouble() < chaos.backPressure) {
                return SendOutcome.BACK_PRESSURED;
            }
            if (node.rowsOut + shard.rowCount > creditRows) {
                return SendOutcome.NO_CREDIT;
            }
            node.rowsOut += shard.rowCount;
        }
        while (shard.rowsSent < shard.rowCount) {
            if (shard.rowsSent > 0 && random.nextDouble() < chaos.backPressure) {
                return SendOutcome.ADMIN_ACTION;
            }
            shard.rowsSent++;
        }
        dispatches++;
        answers.add(compute(node, shard, laneRows));
        return SendOutcome.SENT;
    }

    private Answer compute(final Node node, final Shard shard, final MemorySegment laneRows) {
        final MemorySegment rows = Arena.ofAuto().allocate(rowBytes * shard.rowCount, 64);
        boolean failed = false;
        for (int i = 0; i < shard.rowCount; i++) {
            failed |= uncomputable.test(shard.rows[i]);
            MemorySegment.copy(laneRows, shard.rows[i] * rowBytes, rows, i * rowBytes, rowBytes);
        }
        final MemorySegment results = Arena.ofAuto().allocate(4L * model.hiddenSize() * shard.rowCount, 64);
        units.get(new ExpertKey(shard.layer, shard.expert)).forward(rows, shard.rowCount, results);
        return new Answer(node, shard.shardId, shard.attempt, shard.layer, shard.rowCount, results, failed);
    }

    @Override
    public int doWork(final long nowNs, final Listener to) {
        listener = to;
        int work = loseAndReturn();
        for (Runnable event = events.poll(); event != null; event = events.poll()) {
            event.run();
            work++;
        }
        for (int i = 0; answering && i < maxAnswersPerCycle && !answers.isEmpty(); i++) {
            final Answer answer = answers.remove(random.nextInt(answers.size()));
            if (random.nextDouble() < chaos.duplicate) {
                answers.add(answer);
            }
            answer(answer);
            work++;
        }
        return work;
    }

    private int loseAndReturn() {
        for (final Node node : List.copyOf(nodes.values())) {
            if (node.down && --node.downCycles <= 0) {
                node.down = false;
            } else if (node.ready && random.nextDouble() < chaos.loseNode) {
                lose(node.endpoint.nodeId(), 1 + random.nextInt(40));
            }
        }
        return 0;
    }

    private void answer(final Answer answer) {
        final int nodeId = answer.node.endpoint.nodeId();
        answer.node.rowsOut = Math.max(0, answer.node.rowsOut - answer.rowCount);
        if (answer.failed) {
            listener.onNack(nodeId, answer.shardId, answer.attempt, NackReason.COMPUTE_FAILED);
            return;
        }
        if (random.nextDouble() < chaos.nack) {
            listener.onNack(nodeId, answer.shardId, answer.attempt, nackReason);
            return;
        }
        rowsServed[answer.layer] += answer.rowCount;
        final long resultBytes = 4L * model.hiddenSize();
        int first = 0;
        while (first < answer.rowCount) {
            final int left = answer.rowCount - first;
            final int count = random.nextDouble() < chaos.fragment ? 1 + random.nextInt(left) : left;
            final MemorySegment rows = answer.results.asSlice(first * resultBytes, count * resultBytes);
            listener.onResult(nodeId, answer.shardId, answer.attempt, answer.layer, first, count, rows, 0, 0);
            first += count;
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}

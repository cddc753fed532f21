package io.cheshire.router.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.Held;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.expertnode.core.NodeEffect;
import io.cheshire.expertnode.core.NodeInput;
import io.cheshire.expertnode.core.NodeLife;
import io.cheshire.expertnode.core.NodeRules;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One start of an expert node. Its device loads and frees units when the test has it do so, and refuses what would fill
 * it beyond its memory. Its patience doesn't end: it leaves with the coordinator's word, or not at all.
 */
final class RigNode extends RigMember {
    private static final long UNIT_BYTES = 10;
    private static final int CONCURRENT_LOADS = 2;

    private final NodeEndpoint endpoint;
    private final int unitsOfMemory;
    private final Runnable stopped;
    private final NodeLife life;
    private final SortedMap<ExpertKey, Long> rowsServed = new TreeMap<>();
    private boolean loadsFail;

    /** @param stopped runs when the life is over */
    RigNode(final int nodeId, final long incarnation, final int unitsOfMemory, final Runnable stopped) {
        this.endpoint = new NodeEndpoint(nodeId, incarnation, "aeron:ipc", nodeId);
        this.unitsOfMemory = unitsOfMemory;
        this.stopped = stopped;
        this.life = new NodeLife(new NodeRules(
                "cheshire",
                endpoint,
                "f00d",
                unitsOfMemory * UNIT_BYTES,
                UNIT_BYTES,
                CONCURRENT_LOADS,
                Duration.ofSeconds(4),
                ""));
        registerDue();
    }

    int nodeId() {
        return endpoint.nodeId();
    }

    long incarnation() {
        return endpoint.incarnation();
    }

    boolean isLeaving() {
        return life.state() == NodeState.DRAINING;
    }

    boolean holds(final ExpertKey key) {
        return life.resident().contains(Held.unit(key));
    }

    /** Whether what its device does from now on fails. */
    void loadsFail(final boolean fail) {
        loadsFail = fail;
    }

    @Override
    CommandFence fence() {
        return life.fence();
    }

    @Override
    void hear(final ControlMessage message) {
        step(new NodeInput.Told((ExpertNodeCommand.FromCoordinator) message));
    }

    @Override
    void registerDue() {
        step(new NodeInput.RegisterDue());
    }

    @Override
    void reportDue() {
        step(new NodeInput.ReportDue());
    }

    void leave() {
        step(new NodeInput.Leave("planned"));
    }

    /** Routers send rows to what it holds. */
    void serve(final Random random) {
        life.resident().forEach(unit -> rowsServed.merge(unit.key(), random.nextLong(100), Long::sum));
    }

    private void step(final NodeInput input) {
        life.step(input).forEach(this::perform);
    }

    private void perform(final NodeEffect effect) {
        switch (effect) {
            case NodeEffect.Register(final NodeHello hello) -> say(new CoordinatorInput.NodeRegisters<>(hello, this));
            case NodeEffect.Tell(final CoordinatorCommand.OneWay message) -> tell(message);
            case final NodeEffect.Report report ->
                say(new CoordinatorInput.NodeReports<>(counted(report), report.refreshId(), this));
            case NodeEffect.Load(final ExpertKey key, final String known) -> device.add(() -> step(load(key)));
            case NodeEffect.Unload(final ExpertKey key) -> device.add(() -> step(new NodeInput.Unloaded(key)));
            case NodeEffect.Probe(final long probeId, final ExpertKey key, final long seed) ->
                device.add(() -> step(new NodeInput.Probed(probeId, key, Long.toHexString(seed), "")));
            case NodeEffect.Drain(final boolean granted) -> {
                assertThat(granted)
                        .as("the coordinator's word before " + this + " leaves")
                        .isTrue();
                device.add(() -> step(new NodeInput.Drained()));
            }
            case NodeEffect.Stop(final boolean inOrder) -> {
                assertThat(inOrder).as(this + " left in order").isTrue();
                stopped.run();
            }
            case final NodeEffect.StartLeaveTimer timer -> {}
            case final NodeEffect.Transition transition -> {}
            case final NodeEffect.Log line -> {}
        }
    }

    private NodeInput load(final ExpertKey key) {
        if (loadsFail) {
            return new NodeInput.LoadFailed(key, "told to");
        }
        return life.resident().size() < unitsOfMemory
                ? new NodeInput.Loaded(Held.unit(key))
                : new NodeInput.LoadFailed(key, "its memory is full");
    }

    private NodeReport counted(final NodeEffect.Report report) {
        return new NodeReport(
                nodeId(),
                incarnation(),
                report.state(),
                report.resident(),
                rowsServed.entrySet().stream()
                        .map(served -> new UnitLoad(
                                served.getKey().layer(), served.getKey().expert(), served.getValue(), 1, 0, 0))
                        .toList(),
                UNIT_BYTES * report.resident().size(),
                "");
    }

    /** What it holds by its own account. */
    Iterable<HeldUnit> resident() {
        return life.resident();
    }

    @Override
    public String toString() {
        return "node " + nodeId() + " of start " + incarnation() + ": " + life;
    }
}

package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Activity;
import io.cheshire.benchmarks.engine.core.Mode;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.ops.runtime.process.Instruments;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.transport.core.ExpertTransport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

/** Wraps all parts of a process, and lets those rest that a mode doesn't need. Used by the benchmark's thread. */
final class EngineInstruments implements Instruments {
    private final LedgerBook book = new LedgerBook();
    private final List<Placed> agents = new ArrayList<>();
    private Mode engineMode = Mode.TRANSPORT;
    private @Nullable MeasuredKernels kernels;

    private record Placed(MeasuredAgent agent, Set<Mode> needed) {}

    LedgerBook book() {
        return book;
    }

    /** The device's kernels; the process must have been started. */
    MeasuredKernels kernels() {
        if (kernels == null) {
            throw new IllegalStateException("no device was opened");
        }
        return kernels;
    }

    /** Engines started from now on belong to this mode. */
    void enginesAreFor(final Mode mode) {
        engineMode = mode;
    }

    /** Lets agents rest that the mode doesn't need. */
    void run(final Mode mode) {
        agents.forEach(placed -> placed.agent().rest(!placed.needed().contains(mode)));
    }

    @Override
    public Agent agent(final Agent agent) {
        final Activity activity = switch (agent) {
            case DeviceExecutor ignored -> Activity.DEVICE_JOBS;
            case EngineAgent ignored -> Activity.ENGINE;
            case ExpertNode ignored -> Activity.NODE_TRANSFER;
            default -> Activity.DATA_PLANE;
        };
        final Set<Mode> needed = switch (activity) {
            case DEVICE_JOBS -> EnumSet.allOf(Mode.class);
            case ENGINE -> EnumSet.of(engineMode);
            default -> EnumSet.of(Mode.TRANSPORT);
        };
        final MeasuredAgent measured = new MeasuredAgent(agent, activity, book);
        agents.add(new Placed(measured, needed));
        return measured;
    }

    @Override
    public Kernels kernels(final Kernels made) {
        kernels = new MeasuredKernels(made, book);
        return kernels;
    }

    @Override
    public ExpertTransport transport(final ExpertTransport transport) {
        return new MeasuredTransport(transport, book);
    }
}

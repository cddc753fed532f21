package io.cheshire.ops.runtime.node;

import io.cheshire.ops.core.ThreadSharing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.DynamicCompositeAgent;
import org.agrona.concurrent.IdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The duty-cycle threads of a process. Shared: all agents take turns on one thread. Dedicated: each has its own. Agents
 * are added while others run, since weights are loaded on the device's thread before the engine exists. Safe from one
 * thread at a time; {@link #errorCount} from any.
 */
public final class AgentGroup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentGroup.class);
    private static final long MAX_SPINS = 20;
    private static final long MAX_YIELDS = 100;
    private static final long MIN_PARK_NS = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long MAX_PARK_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ThreadSharing sharing;
    private final List<AgentRunner> runners = new ArrayList<>();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final DynamicCompositeAgent shared = new DynamicCompositeAgent("cheshire-agents");

    public AgentGroup(final ThreadSharing sharing) {
        this.sharing = sharing;
        if (sharing == ThreadSharing.SHARED) {
            start(shared);
        }
    }

    /** Starts an agent; returns once its thread has taken it over. */
    public void add(final Agent agent) {
        switch (sharing) {
            case SHARED -> {
                while (shared.status() == DynamicCompositeAgent.Status.INIT || !shared.tryAdd(agent)) {
                    Thread.onSpinWait();
                }
                while (!shared.hasAddAgentCompleted()) {
                    Thread.onSpinWait();
                }
            }
            case DEDICATED -> start(agent);
        }
    }

    private void start(final Agent agent) {
        final AgentRunner runner = new AgentRunner(idle(), this::onError, null, agent);
        runners.add(runner);
        final Thread thread = AgentRunner.startOnThread(runner);
        thread.setName(agent.roleName());
    }

    /** Shared cores: a short spin, then yield, then sleep for ever longer, so that an idle server costs no core. */
    private static IdleStrategy idle() {
        return new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NS, MAX_PARK_NS);
    }

    private void onError(final Throwable cause) {
        errors.incrementAndGet();
        LOG.error("an agent failed in its duty cycle and goes on", cause);
    }

    /** Exceptions that reached a duty cycle: defects. */
    public long errorCount() {
        return errors.get();
    }

    /** Stops the threads, the last started first, and has every agent close what it owns. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        for (final AgentRunner runner : runners.reversed()) {
            runner.close();
        }
    }
}

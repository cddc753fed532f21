package io.cheshire.ops.runtime.node;

import io.cheshire.ops.core.ThreadSharing;
import io.cheshire.transport.runtime.IdleStrategies;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.DynamicCompositeAgent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The duty-cycle threads of a process. Shared: all agents take turns on one thread. Dedicated: each has its own. Agents
 * are added while others run, since weights are loaded on the device's thread before the engine exists. Safe from one
 * thread at a time; {@link #errorCount} and {@link #wake} from any.
 */
public final class AgentGroup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentGroup.class);

    private final ThreadSharing sharing;
    private final TransportConfig.Idle idle;
    private final Instruments instruments;
    private final List<AgentRunner> runners = new CopyOnWriteArrayList<>();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final DynamicCompositeAgent shared = new DynamicCompositeAgent("cheshire-agents");

    /**
     * @param sharing     one thread for all, or one each
     * @param idle        what a thread does when none of its agents has work
     * @param instruments wrap every agent
     */
    public AgentGroup(final ThreadSharing sharing, final TransportConfig.Idle idle, final Instruments instruments) {
        this.sharing = sharing;
        this.idle = idle;
        this.instruments = instruments;
        if (sharing == ThreadSharing.SHARED) {
            start(shared);
        }
    }

    /** Starts an agent; returns once its thread has taken it over. */
    public void add(final Agent added) {
        final Agent agent = instruments.agent(added);
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
        final AgentRunner runner = new AgentRunner(IdleStrategies.of(idle), this::onError, null, agent);
        runners.add(runner);
        final Thread thread = AgentRunner.startOnThread(runner);
        thread.setName(agent.roleName());
    }

    private void onError(final Throwable cause) {
        errors.incrementAndGet();
        LOG.error("an agent failed in its duty cycle and goes on", cause);
    }

    public ThreadSharing sharing() {
        return sharing;
    }

    /** Ends the rest of threads that found nothing to do for a while. Any thread. */
    public void wake() {
        for (final AgentRunner runner : runners) {
            LockSupport.unpark(runner.thread());
        }
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

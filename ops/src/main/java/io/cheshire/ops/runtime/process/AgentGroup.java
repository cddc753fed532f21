package io.cheshire.ops.runtime.process;

import io.cheshire.ops.runtime.StandardError;
import io.cheshire.transport.runtime.IdleStrategies;
import io.cheshire.transport.runtime.TransportConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.DynamicCompositeAgent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The duty-cycle threads of a process. An exception that leaves a duty cycle is a defect: it is counted and the agent
 * goes on. A JVM that is out of memory or broken ends with its process ({@link #FATAL_STATUS}): a node that half works
 * is worse than one that is gone, whose work others take over. Shared: all agents take turns on one thread. Dedicated:
 * each has its own. Agents are added while others run, since weights are loaded on the device's thread before the
 * engine exists. Safe from one thread at a time; {@link #errorCount} and {@link #wake} from any.
 */
public final class AgentGroup implements AutoCloseable {
    /** Exit status of such a process; a command that was refused has 1, wrong usage 2. */
    public static final int FATAL_STATUS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(AgentGroup.class);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final ThreadSharing sharing;
    private final TransportConfig.Idle idle;
    private final Instruments instruments;
    private final Consumer<VirtualMachineError> end;
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
        this(sharing, idle, instruments, AgentGroup::endProcess);
    }

    /** @param end ends the process */
    AgentGroup(
            final ThreadSharing sharing,
            final TransportConfig.Idle idle,
            final Instruments instruments,
            final Consumer<VirtualMachineError> end) {
        this.sharing = sharing;
        this.idle = idle;
        this.instruments = instruments;
        this.end = end;
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
        // A stack that was too deep is unwound by now, and says nothing of the rest.
        if (cause instanceof VirtualMachineError fatal && !(cause instanceof StackOverflowError)) {
            end.accept(fatal);
        } else {
            LOG.error("an agent failed in its duty cycle and goes on", cause);
        }
    }

    private static void endProcess(final VirtualMachineError cause) {
        try {
            LOG.error(
                    "the JVM can't go on; this process ends with status {}, so that others take over. If it lacks memory, give"
                            + " it more (CHESHIRE_JAVA_OPTS=-Xmx...)",
                    FATAL_STATUS,
                    cause);
            StandardError.awaitWritten(LAST_WORDS);
        } finally {
            Runtime.getRuntime().halt(FATAL_STATUS); // whatever saying so met with
        }
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

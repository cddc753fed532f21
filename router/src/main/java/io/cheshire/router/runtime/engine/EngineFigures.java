package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.PlacementTarget.Unanswered;
import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.router.core.kv.KvBlocks;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What other threads may know of the engine's state. The engine thread writes, any thread reads. */
final class EngineFigures {
    static final int HEALTH_INTERVAL_MS = 100;

    private final Scheduler scheduler;
    private final KvBlocks kv;
    private final Exchange exchange;
    private final EngineMetrics metrics;
    private final int laneCount;

    private volatile boolean everyUnitConnected;
    private volatile Unanswered unanswered = Unanswered.NONE;
    private volatile int running;
    private volatile int kvBlocksFree;
    private volatile List<NodeHealth> nodeHealth = List.of();
    private volatile int parkedLanes;
    /** The engine thread's. */
    private long seenLiveness = -1;

    private long nextHealthNs;

    EngineFigures(
            final Scheduler scheduler,
            final KvBlocks kv,
            final Exchange exchange,
            final EngineMetrics metrics,
            final int laneCount,
            final long nowNs) {
        this.scheduler = scheduler;
        this.kv = kv;
        this.exchange = exchange;
        this.metrics = metrics;
        this.laneCount = laneCount;
        this.kvBlocksFree = kv.freeCount();
        this.nextHealthNs = nowNs;
    }

    /** After a duty cycle that did something. */
    void publish() {
        running = scheduler.runningCount();
        kvBlocksFree = kv.freeCount();
        metrics.set(Counter.PREEMPTIONS, scheduler.preemptions());
        metrics.set(Counter.CACHED_TOKENS, scheduler.cachedTokens());
        metrics.speculation().passedOver(scheduler.draftsPassedOver());
        if (seenLiveness != exchange.livenessVersion()) {
            seenLiveness = exchange.livenessVersion();
            everyUnitConnected = exchange.everyUnitConnected();
            unanswered = new Unanswered(exchange.epoch(), exchange.unansweredUnits());
        }
    }

    /** In every duty cycle; does something every {@value #HEALTH_INTERVAL_MS} ms. */
    void publishHealth(final long nowNs) {
        if (nowNs - nextHealthNs < 0) {
            return;
        }
        nextHealthNs = nowNs + TimeUnit.MILLISECONDS.toNanos(HEALTH_INTERVAL_MS);
        nodeHealth = exchange.nodeHealth();
        int parked = 0;
        for (int lane = 0; lane < laneCount; lane++) {
            parked += exchange.parked(lane) ? 1 : 0;
        }
        parkedLanes = parked;
    }

    boolean everyUnitConnected() {
        return everyUnitConnected;
    }

    /** Units of the placement that no connected node holds. */
    Unanswered unanswered() {
        return unanswered;
    }

    /** Sequences in lanes. */
    int running() {
        return running;
    }

    int kvBlocksFree() {
        return kvBlocksFree;
    }

    /** The nodes as this router sees them, at most {@value #HEALTH_INTERVAL_MS} ms old. */
    List<NodeHealth> nodeHealth() {
        return nodeHealth;
    }

    /** Lanes that wait for a unit without a connected node. */
    int parkedLanes() {
        return parkedLanes;
    }
}

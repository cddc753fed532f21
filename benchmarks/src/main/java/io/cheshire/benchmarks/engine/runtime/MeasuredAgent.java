package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Activity;
import io.cheshire.benchmarks.engine.core.Ledger;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;

/**
 * Books an agent's duty cycles on the ledger of its thread. While it rests it runs only every few milliseconds, often
 * enough for heartbeats and rarely enough to cost nothing. {@link #rest} is safe from any thread.
 */
final class MeasuredAgent implements Agent {
    private static final long RESTING_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Agent agent;
    private final Activity activity;
    private final LedgerBook book;
    private volatile boolean resting;
    private long lastRunNs;

    MeasuredAgent(final Agent agent, final Activity activity, final LedgerBook book) {
        this.agent = agent;
        this.activity = activity;
        this.book = book;
    }

    void rest(final boolean rest) {
        resting = rest;
    }

    @Override
    public int doWork() throws Exception {
        final Ledger ledger = book.open();
        final long nowNs = System.nanoTime();
        if (resting && nowNs - lastRunNs < RESTING_INTERVAL_NS) {
            return 0;
        }
        ledger.charge(Activity.PARKED, nowNs);
        ledger.publish(book.request());
        lastRunNs = nowNs;
        final int work = agent.doWork();
        ledger.charge(work > 0 ? ledger.takeRemainder(activity) : Activity.POLLING, System.nanoTime());
        return work;
    }

    @Override
    public void onStart() {
        agent.onStart();
    }

    @Override
    public void onClose() {
        agent.onClose();
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }
}

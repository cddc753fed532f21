package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Ledger;
import io.cheshire.benchmarks.serve.core.BenchException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The ledgers of all measured threads. A ledger is opened by the thread that it books; pages are asked for by one
 * thread.
 */
final class LedgerBook {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long POLL_NS = 20_000;

    /** Of whatever book: a thread works for one process's engine only. */
    private static final ThreadLocal<@Nullable Ledger> MINE = new ThreadLocal<>();

    private final List<Ledger> ledgers = new CopyOnWriteArrayList<>();
    private volatile long request;

    /** The calling thread's ledger, opened now if it has none. To be called at a boundary of its duty cycle. */
    Ledger open() {
        final Ledger known = MINE.get();
        if (known != null) {
            return known;
        }
        final Ledger opened = new Ledger(Thread.currentThread().getName(), System.nanoTime());
        MINE.set(opened);
        ledgers.add(opened);
        return opened;
    }

    /** The calling thread's ledger. */
    Ledger current() {
        final Ledger known = MINE.get();
        if (known == null) {
            throw new IllegalStateException(
                    Thread.currentThread().getName() + " works for the engine but isn't measured");
        }
        return known;
    }

    /** The number of the latest request for pages; threads look at it at every boundary. */
    long request() {
        return request;
    }

    /** The state of every thread, each at its next boundary. */
    List<Ledger.Page> pages() {
        final List<Ledger> asked = List.copyOf(ledgers);
        final long number = request + 1;
        request = number;
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        final List<Ledger.Page> pages = new ArrayList<>();
        for (final Ledger ledger : asked) {
            Ledger.Page page = ledger.page(number);
            while (page == null) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new BenchException("a thread of the engine has not moved for a minute");
                }
                LockSupport.parkNanos(POLL_NS);
                page = ledger.page(number);
            }
            pages.add(page);
        }
        return pages;
    }
}

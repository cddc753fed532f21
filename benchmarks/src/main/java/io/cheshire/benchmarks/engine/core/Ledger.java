package io.cheshire.benchmarks.engine.core;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Books the whole time of one thread on {@link Activity}s, without gaps: {@link #charge} says what the time since the
 * call before was spent on. Written by its thread only; others ask for a {@link Page} and get it at the thread's next
 * boundary, where nothing is half done.
 */
@SuppressWarnings("EnumOrdinal") // places in an array, within this JVM only
public final class Ledger {
    private final String thread;
    private final long[] nanos = new long[Activity.values().length];
    private final long[] tallies = new long[Tally.values().length];
    private final AtomicReference<@Nullable Page> published = new AtomicReference<>();
    private long sinceNs;
    private @Nullable Activity remainder;

    /** The state of a ledger at one moment. */
    public static final class Page {
        private final long request;
        private final String thread;
        private final long atNs;
        private final long[] nanos;
        private final long[] tallies;

        private Page(
                final long request, final String thread, final long atNs, final long[] nanos, final long[] tallies) {
            this.request = request;
            this.thread = thread;
            this.atNs = atNs;
            this.nanos = nanos;
            this.tallies = tallies;
        }

        /** Whose it is. */
        public String thread() {
            return thread;
        }

        /** The moment. */
        public long atNs() {
            return atNs;
        }

        /** Time spent on an activity since the ledger began. */
        public long nanos(final Activity activity) {
            return nanos[activity.ordinal()];
        }

        /** Counted since the ledger began. */
        public long count(final Tally tally) {
            return tallies[tally.ordinal()];
        }
    }

    /** @param nowNs from here on time is booked */
    public Ledger(final String thread, final long nowNs) {
        this.thread = thread;
        this.sinceNs = nowNs;
    }

    /** The time since the last charge was spent on this. */
    public void charge(final Activity activity, final long nowNs) {
        nanos[activity.ordinal()] += nowNs - sinceNs;
        sinceNs = nowNs;
    }

    /** What is left of the running job is this. */
    public void remainderIs(final Activity activity) {
        remainder = activity;
    }

    /** What the rest of a job was, and forgets it. */
    public Activity takeRemainder(final Activity otherwise) {
        final Activity rest = remainder == null ? otherwise : remainder;
        remainder = null;
        return rest;
    }

    /** Counts. */
    public void add(final Tally tally, final long amount) {
        tallies[tally.ordinal()] += amount;
    }

    /** At a boundary, right after a charge: makes the present state visible to who asked. */
    public void publish(final long request) {
        final Page last = published.getPlain();
        if (last == null || last.request != request) {
            published.setRelease(new Page(request, thread, sinceNs, nanos.clone(), tallies.clone()));
        }
    }

    /** The state asked for, or null while the thread has not come to a boundary. Safe from any thread. */
    public @Nullable Page page(final long request) {
        final Page page = published.getAcquire();
        return page != null && page.request == request ? page : null;
    }
}

package io.cheshire.chaos.sim.world;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time and everything that is still to happen, in one thread. Events run in the order of (time, order of
 * making); all chance comes from one seed, so the same seed gives the same run, event by event.
 */
public final class World {
    public static final long US = 1_000L;
    public static final long MS = 1_000_000L;

    private final EventHeap events = new EventHeap();
    private final SplittableRandom seeds;
    private final @Nullable List<String> trace;
    private long nowNs;
    private long made;
    private long handled;
    private long fingerprint;
    private @Nullable Violation violation;
    private @Nullable Notes listener;

    /** Hears what happens as it does. */
    @FunctionalInterface
    public interface Notes {
        /** Somebody did or saw something. */
        void note(long atNs, String who, String what);
    }

    /** @param traced whether to keep what happens in words */
    public World(final long seed, final boolean traced) {
        seeds = new SplittableRandom(seed);
        trace = traced ? new ArrayList<>() : null;
        fingerprint = seed;
    }

    /** A source of chance of its own, so that more draws in one place don't change those in another. */
    public SplittableRandom newRandom() {
        return seeds.split();
    }

    /** Virtual time since the start. */
    public long nowNs() {
        return nowNs;
    }

    /** Events handled so far. */
    public long handled() {
        return handled;
    }

    /** Equal for equal runs. */
    public long fingerprint() {
        return fingerprint;
    }

    /** Runs an action later; never before now. */
    public void after(final long delayNs, final Runnable action) {
        events.add(nowNs + Math.max(0, delayNs), made++, action);
    }

    /** Handles events up to a time, or until something is violated. */
    public void runUntil(final long endNs) {
        while (violation == null && !events.isEmpty() && events.dueNs() <= endNs) {
            step();
        }
        if (violation == null) {
            nowNs = Math.max(nowNs, endNs);
        }
    }

    private void step() {
        nowNs = events.dueNs();
        handled++;
        mix(nowNs ^ Long.rotateLeft(events.order(), 32));
        final Runnable action = events.remove();
        try {
            action.run();
        } catch (final RuntimeException crash) {
            final StringWriter text = new StringWriter();
            crash.printStackTrace(new PrintWriter(text));
            violate("no process dies of a defect", text.toString());
        }
    }

    /** Makes the fingerprint depend on a value. */
    public void mix(final long value) {
        fingerprint = (fingerprint ^ value) * 0x9E3779B97F4A7C15L;
        fingerprint ^= fingerprint >>> 29;
    }

    /** Writes down what happens, when somebody reads it. */
    public void note(final String who, final Supplier<String> what) {
        if (trace != null) {
            trace.add("%10.3f ms  %-14s %s".formatted(nowNs / 1e6, who, what.get()));
        }
        tell(who, what);
    }

    /** Says what happens to whoever listens, and isn't worth a line of the trace. */
    public void tell(final String who, final Supplier<String> what) {
        final Notes hears = listener;
        if (hears != null) {
            hears.note(nowNs, who, what.get());
        }
    }

    /** All that is noted and told from now on is heard, too. */
    public void listen(final Notes notes) {
        listener = notes;
    }

    /** What happened, one line each; empty unless traced. */
    public List<String> trace() {
        return trace == null ? List.of() : List.copyOf(trace);
    }

    /** Something that must never be is: the run ends here. Only the first counts. */
    public void violate(final String invariant, final String detail) {
        if (violation == null) {
            violation = new Violation(nowNs, invariant, detail);
            note("INVARIANT", () -> invariant + ": " + detail);
        }
    }

    /** What was violated, if anything. */
    public @Nullable Violation violation() {
        return violation;
    }
}

package io.cheshire.router.runtime.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of the engine since start. Written by the engine thread, read by any. */
public final class EngineMetrics {
    /** What is counted. */
    public enum Counter {
        STEPS,
        STEPS_FAILED,
        STEPS_ABANDONED,
        /** Rows of all steps, each counted once whatever the number of layers. */
        ROWS,
        PROMPT_TOKENS,
        CACHED_TOKENS,
        GENERATED_TOKENS,
        PREEMPTIONS,
        SEQUENCES_FINISHED,
        SEQUENCES_CANCELLED,
        SEQUENCES_FAILED
    }

    /**
     * Where a lane's time goes; nanoseconds, summed over lanes. Attention includes the gate and the combine before it.
     */
    public enum Phase {
        /** Jobs waiting for the device. */
        DEVICE_QUEUE,
        /** Embedding, combine, attention and gate on the device. */
        ATTENTION,
        /** From the gate's answer until the last shard is in its channel. */
        DISPATCH,
        /** Until the last result is in. */
        WAIT,
        /** No live node for a unit. */
        PARKED,
        /** Final norm and head on the device. */
        LOGITS,
        /** Sampling on the device thread. */
        SAMPLING,
        /** Lanes without a step. */
        IDLE
    }

    private final AtomicLongArray counters = new AtomicLongArray(Counter.values().length);
    private final AtomicLongArray phases = new AtomicLongArray(Phase.values().length);
    private final WaitHistogram layerWaits = new WaitHistogram();
    private final SpeculationMetrics speculation = new SpeculationMetrics();
    private final Map<Counter, Integer> counterIndex = indexes(Counter.class);
    private final Map<Phase, Integer> phaseIndex = indexes(Phase.class);

    /** Safe from any thread. */
    public long get(final Counter counter) {
        return counters.getAcquire(index(counterIndex, counter));
    }

    /** Nanoseconds; safe from any thread. */
    public long nanos(final Phase phase) {
        return phases.getAcquire(index(phaseIndex, phase));
    }

    /** How long a lane waited for the experts of a layer, from the gate's answer to the last result. */
    public WaitHistogram layerWaits() {
        return layerWaits;
    }

    /** What became of guessed tokens. */
    public SpeculationMetrics speculation() {
        return speculation;
    }

    void add(final Counter counter, final long amount) {
        set(counter, counters.getPlain(index(counterIndex, counter)) + amount);
    }

    void set(final Counter counter, final long value) {
        counters.setRelease(index(counterIndex, counter), value);
    }

    void addNanos(final Phase phase, final long nanos) {
        final int index = index(phaseIndex, phase);
        phases.setRelease(index, phases.getPlain(index) + nanos);
    }

    private static <E extends Enum<E>> Map<E, Integer> indexes(final Class<E> type) {
        final Map<E, Integer> indexes = new EnumMap<>(type);
        for (final E value : type.getEnumConstants()) {
            indexes.put(value, indexes.size());
        }
        return indexes;
    }

    private static <E extends Enum<E>> int index(final Map<E, Integer> indexes, final E value) {
        return indexes.getOrDefault(value, -1);
    }
}

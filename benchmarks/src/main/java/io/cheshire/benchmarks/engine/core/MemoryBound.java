package io.cheshire.benchmarks.engine.core;

/**
 * What decoding had to read from memory, against what memory gives: a unit's weights are read once an activation.
 *
 * @param unitBytes   weights of activated units, a step
 * @param routerBytes weights of the router, a step: all but the embedding, of which a step reads a few rows
 * @param kvBytes     keys and values, a step
 * @param stepsPerSecond steps of all lanes together
 * @param memoryBytesPerSecond measured in the same run
 */
public record MemoryBound(
        double unitBytes, double routerBytes, double kvBytes, double stepsPerSecond, double memoryBytesPerSecond) {
    private static final double NS_PER_SECOND = 1e9;

    /**
     * Of a round's decode interval.
     *
     * @param routerStepBytes      weights that the router reads in a step
     * @param memoryBytesPerSecond measured
     */
    public static MemoryBound of(final Round round, final double routerStepBytes, final double memoryBytesPerSecond) {
        final Interval decode = round.decode();
        final double steps = Math.max(1, decode.count(Tally.STEPS));
        final long wallNs =
                decode.splits().stream().mapToLong(Split::wallNs).max().orElse(1);
        return new MemoryBound(
                decode.count(Tally.UNIT_BYTES) / steps,
                routerStepBytes,
                decode.count(Tally.KV_BYTES) / steps,
                decode.count(Tally.STEPS) * NS_PER_SECOND / wallNs,
                memoryBytesPerSecond);
    }

    /** Bytes of one step. */
    public double stepBytes() {
        return unitBytes + routerBytes + kvBytes;
    }

    /** Bytes that steps took from memory, a second. */
    public double bytesPerSecond() {
        return stepBytes() * stepsPerSecond;
    }

    /** Share of what memory gives. */
    public double share() {
        return bytesPerSecond() / memoryBytesPerSecond;
    }
}

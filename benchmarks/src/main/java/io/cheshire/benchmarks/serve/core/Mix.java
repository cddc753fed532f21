package io.cheshire.benchmarks.serve.core;

/**
 * Counter-based random numbers: the same (seed, stream, position) gives the same number whatever was drawn before, so a
 * request is the same request however the clients interleave. The finaliser is SplitMix64's (Steele, Lea, Flood, "Fast
 * splittable pseudorandom number generators", OOPSLA 2014, with Stafford's variant 13 constants).
 */
final class Mix {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Mix() {}

    static long bits(final long seed, final long stream, final long position) {
        final long inner = finish(finish(seed + GOLDEN_GAMMA) ^ (stream * GOLDEN_GAMMA));
        return finish(inner + (position + 1) * GOLDEN_GAMMA);
    }

    /** Uniform in [0, 1), 53 bits. */
    static double unit(final long seed, final long stream, final long position) {
        return (bits(seed, stream, position) >>> 11) * 0x1.0p-53;
    }

    /** Uniform in [0, bound), by the high half of a product; the bias is below bound / 2^32. */
    static int below(final int bound, final long seed, final long stream, final long position) {
        return (int) (((bits(seed, stream, position) >>> 32) * bound) >>> 32);
    }

    private static long finish(final long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

package io.cheshire.router.core.sample;

/**
 * Random numbers as a function of (seed, index), without state: the same seed gives the same tokens in any batch, after
 * any preemption, on any machine. SplitMix64's finaliser (Steele, Lea, Flood 2014) over both words.
 */
public final class CounterRng {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double TWO_TO_MINUS_53 = 0x1.0p-53;

    private CounterRng() {}

    /** Uniform in [0, 1), 53 bits. */
    public static double uniform(final long seed, final long index) {
        final long bits = mix(mix(seed + GOLDEN_GAMMA) + (index + 1) * GOLDEN_GAMMA);
        return (bits >>> 11) * TWO_TO_MINUS_53;
    }

    private static long mix(final long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

package io.cheshire.model.core.paced;

/**
 * What paced kernels choose in place of a model: experts and tokens that depend on a row alone, spread evenly, and are
 * the same in every run. Pure.
 */
public final class PacedChoices {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private PacedChoices() {}

    /** The first of a row's two experts in a layer. */
    public static int first(final int tokenId, final int position, final int layer, final int expertCount) {
        return below(expertCount, row(tokenId, position) + layer * GOLDEN_GAMMA);
    }

    /** The second, another than the first where there are two. */
    public static int second(
            final int tokenId, final int position, final int layer, final int expertCount, final int first) {
        if (expertCount == 1) {
            return 0;
        }
        final int step = below(expertCount - 1, ~row(tokenId, position) + layer * GOLDEN_GAMMA);
        return (first + 1 + step) % expertCount;
    }

    /** The token that follows a row. */
    public static int next(final int tokenId, final int position, final int vocabSize) {
        return below(vocabSize, row(tokenId, position) ^ GOLDEN_GAMMA);
    }

    private static long row(final int tokenId, final int position) {
        return ((long) tokenId << Integer.SIZE) | position;
    }

    /** SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014; Stafford's variant 13). */
    private static int below(final int bound, final long value) {
        long z = value + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (int) (((z >>> 32) * bound) >>> 32);
    }
}

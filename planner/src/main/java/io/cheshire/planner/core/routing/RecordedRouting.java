package io.cheshire.planner.core.routing;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Block bootstrap of recorded steps: a step takes the rows of consecutive recorded ones from a random place on, the
 * same ones in all its layers, so that what is uneven at a time, and what layers have in common, stays. A row's two
 * experts are drawn from what the recorded rows of the layer chose, without putting back.
 */
public final class RecordedRouting implements RowRouting {
    private final int layers;
    private final int experts;
    private final String source;
    private final int[][] counts;
    private final int[] rowsOfStep;

    /** @param steps rows by unit index of one recorded step after the other; each has twice its rows in every layer */
    public RecordedRouting(final int layers, final int experts, final List<int[]> steps, final String source) {
        this.layers = layers;
        this.experts = experts;
        this.source = source;
        counts = steps.toArray(int[][]::new);
        rowsOfStep = new int[counts.length];
        for (int step = 0; step < counts.length; step++) {
            rowsOfStep[step] = rowsOf(step);
        }
        if (counts.length == 0) {
            throw new IllegalArgumentException(source + " has no step");
        }
    }

    private int rowsOf(final int step) {
        int rows = -1;
        for (int layer = 0; layer < layers; layer++) {
            int sum = 0;
            for (int expert = 0; expert < experts; expert++) {
                sum += counts[step][layer * experts + expert];
            }
            if (sum < 2 || sum % 2 != 0 || (rows >= 0 && sum / 2 != rows)) {
                throw new IllegalArgumentException(source + ", step " + step + ", layer " + layer + ": " + sum
                        + " choices; each layer of a step needs two of each row");
            }
            rows = sum / 2;
        }
        return rows;
    }

    @Override
    public int layers() {
        return layers;
    }

    @Override
    public int experts() {
        return experts;
    }

    @Override
    public boolean assumed() {
        return false;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public int block(final SplittableRandom random) {
        return random.nextInt(counts.length);
    }

    @Override
    public void draw(
            final int block, final int layer, final int rows, final int[] chosen, final SplittableRandom random) {
        final int[] left = new int[experts];
        int total = 0;
        for (int have = 0, step = block; have < rows; step = (step + 1) % counts.length) {
            for (int expert = 0; expert < experts; expert++) {
                left[expert] += counts[step][layer * experts + expert];
            }
            have += rowsOfStep[step];
            total = 2 * have;
        }
        for (int row = 0; row < rows; row++) {
            final int first = pick(left, random.nextInt(total));
            left[first]--;
            total--;
            final int others = total - left[first];
            final int second = others == 0
                    ? (first + 1 + random.nextInt(experts - 1)) % experts
                    : pickOther(left, first, random.nextInt(others));
            left[others == 0 ? first : second]--;
            total--;
            chosen[2 * row] = first;
            chosen[2 * row + 1] = second;
        }
    }

    private static int pick(final int[] left, final int place) {
        int expert = 0;
        int below = left[0];
        while (below <= place) {
            below += left[++expert];
        }
        return expert;
    }

    private static int pickOther(final int[] left, final int not, final int place) {
        int expert = -1;
        int below = 0;
        while (below <= place) {
            expert++;
            below += expert == not ? 0 : left[expert];
        }
        return expert;
    }
}

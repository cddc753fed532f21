package io.cheshire.router.core.sample;

/**
 * (logit, id) as one long, so that ascending keys are descending logits, ties by lower id; and selections on arrays of
 * them that find a place in the ranking without sorting. Deterministic: pivots don't depend on chance.
 */
final class RankKeys {
    private RankKeys() {}

    static long of(final float logit, final int id) {
        final int bits = Float.floatToRawIntBits(logit + 0f); // -0 becomes +0: equal logits must tie
        final int ascending = bits ^ ((bits >> 31) & 0x7FFF_FFFF);
        return ((long) ~ascending << 32) | id;
    }

    static int id(final long key) {
        return (int) key;
    }

    /** The k-th smallest (from 1) of {@code keys[0 .. count)}, all different; reorders them. */
    static long kth(final long[] keys, final int count, final int k) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            final int pivot = partition(keys, low, high);
            if (pivot == k - 1) {
                break;
            }
            if (pivot < k - 1) {
                low = pivot + 1;
            } else {
                high = pivot - 1;
            }
        }
        return keys[k - 1];
    }

    /**
     * The key at which the running sum of {@code weightOfId}, best first, reaches {@code mass}; the last one if
     * rounding leaves the sum short. Reorders the keys.
     */
    static long reaching(final long[] keys, final int count, final double[] weightOfId, final double mass) {
        int low = 0;
        int high = count - 1;
        double before = 0;
        while (low < high) {
            final int pivot = partition(keys, low, high);
            double through = before;
            for (int i = low; i < pivot; i++) {
                through += weightOfId[id(keys[i])];
            }
            if (through >= mass) {
                high = pivot - 1;
                continue;
            }
            through += weightOfId[id(keys[pivot])];
            if (through >= mass) {
                return keys[pivot];
            }
            before = through;
            low = pivot + 1;
        }
        return keys[Math.min(low, count - 1)];
    }

    /** Moves smaller keys before a pivot and larger ones behind it; answers the pivot's place. */
    private static int partition(final long[] keys, final int low, final int high) {
        final int middle = (low + high) >>> 1;
        final long pivot = median(keys[low], keys[middle], keys[high]);
        final int at = pivot == keys[low] ? low : pivot == keys[middle] ? middle : high;
        swap(keys, at, high);
        int place = low;
        for (int i = low; i < high; i++) {
            if (keys[i] < pivot) {
                swap(keys, i, place++);
            }
        }
        swap(keys, place, high);
        return place;
    }

    private static long median(final long a, final long b, final long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    private static void swap(final long[] keys, final int i, final int j) {
        final long key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
    }
}

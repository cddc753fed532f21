package io.cheshire.router.core.exchange;

/** The last {@value #SIZE} response times of shards of one size: their mean, smoothed, and their 99th percentile. */
final class LatencyWindow {
    static final int SIZE = 128;
    /** The percentile is looked up again after so many samples, or at once after one above it. */
    private static final int REFRESH = 16;
    /** From so many samples on the largest lies above the 99th percentile. */
    private static final int LARGEST_IS_OUTLIER = 100;

    private static final double SMOOTHING = 1.0 / 8;

    private final long[] samplesNs = new long[SIZE];
    private int count;
    private int next;
    private int staleSamples;
    private long p99Ns;
    private double meanNs;

    void add(final long ns) {
        meanNs = count == 0 ? ns : meanNs + (ns - meanNs) * SMOOTHING;
        samplesNs[next] = ns;
        next = next + 1 == SIZE ? 0 : next + 1;
        count = Math.min(count + 1, SIZE);
        staleSamples = ns > p99Ns ? REFRESH : staleSamples + 1;
    }

    /** Samples in the window. */
    int count() {
        return count;
    }

    /** Exponentially smoothed mean; 0 before the first sample. */
    double meanNs() {
        return meanNs;
    }

    /** At most {@value #REFRESH} samples old; 0 before the first. */
    long p99Ns() {
        if (staleSamples >= REFRESH || count < REFRESH) {
            refresh();
        }
        return p99Ns;
    }

    void clear() {
        count = 0;
        next = 0;
        staleSamples = 0;
        p99Ns = 0;
        meanNs = 0;
    }

    private void refresh() {
        long largest = 0;
        long second = 0;
        for (int i = 0; i < count; i++) {
            final long ns = samplesNs[i];
            if (ns > largest) {
                second = largest;
                largest = ns;
            } else if (ns > second) {
                second = ns;
            }
        }
        p99Ns = count < LARGEST_IS_OUTLIER ? largest : second;
        staleSamples = 0;
    }
}

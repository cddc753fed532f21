package io.cheshire.balance.core;

/**
 * What a unit costs (after Williams, Waterman, Patterson, "Roofline", CACM 2009): decode is bound by reading the
 * weights once an activation, prefill by the arithmetic of its rows. All figures are those of a node of speed 1.
 *
 * @param readNs ns to read one unit's weights from memory: bytes / bandwidth
 * @param rowNs  ns of arithmetic for one row: FLOPs / rate
 */
public record Roofline(double readNs, double rowNs) {
    public Roofline {
        if (!(readNs >= 0) || !(rowNs > 0)) {
            throw new IllegalArgumentException(
                    "readNs " + readNs + " must not be negative, rowNs " + rowNs + " positive");
        }
    }

    /** Predicted time of {@code rows} rows that come in {@code activations} batches. */
    public double costNs(final double rows, final double activations) {
        return Math.max(activations * readNs, rows * rowNs);
    }

    /**
     * Rows of one batch from which arithmetic outweighs reading: below, a second replica would only read the weights
     * again.
     */
    public double ridgeRows() {
        return readNs / rowNs;
    }
}

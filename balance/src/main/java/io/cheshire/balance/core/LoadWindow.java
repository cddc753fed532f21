package io.cheshire.balance.core;

/** What routers sent to units between two moments. Immutable. */
public final class LoadWindow {
    private final int layers;
    private final int experts;
    private final double[] rows;
    private final double[] activations;

    /**
     * @param rows        by unit index {@code layer * experts + expert}; copied
     * @param activations batches in which the unit had a row, by unit index; copied
     */
    public LoadWindow(final int layers, final int experts, final double[] rows, final double[] activations) {
        final int units = Math.multiplyExact(layers, experts);
        if (rows.length != units || activations.length != units) {
            throw new IllegalArgumentException(rows.length + " row counts and " + activations.length
                    + " activation counts for " + layers + " x " + experts + " units");
        }
        this.layers = layers;
        this.experts = experts;
        this.rows = rows.clone();
        this.activations = activations.clone();
    }

    public int layers() {
        return layers;
    }

    public int experts() {
        return experts;
    }

    public double rows(final int layer, final int expert) {
        return rows[layer * experts + expert];
    }

    public double activations(final int layer, final int expert) {
        return activations[layer * experts + expert];
    }

    /** Rows of all units together. */
    public double totalRows() {
        double sum = 0;
        for (final double count : rows) {
            sum += count;
        }
        return sum;
    }
}

package io.cheshire.balance.core;

/**
 * When a rebalance pays.
 *
 * @param replicas        replicas of every unit on distinct nodes, where memory allows
 * @param minGain         a layer is changed only if its hottest node's predicted time falls by at least this part, 0 to
 *                        1
 * @param nsPerByte       price of moving a byte: time of the layer's hottest node that it must save in one window, ns
 * @param maxUnitsLoaded  units loaded by one plan at most; what gains most per byte goes first
 * @param minRows         a window with fewer rows in all is not learned from
 * @param unitBytes       bytes of one unit
 * @param roofline        what rows and activations cost
 * @param halfLifeWindows windows after which a window counts half
 * @param driftDistance   distance between prediction and window, beyond chance, from which the past is forgotten, 0 to
 *                        1
 */
public record RebalanceRules(
        int replicas,
        double minGain,
        double nsPerByte,
        int maxUnitsLoaded,
        long minRows,
        long unitBytes,
        Roofline roofline,
        double halfLifeWindows,
        double driftDistance) {
    public RebalanceRules {
        require(replicas >= 1, "replicas", replicas);
        require(minGain >= 0 && minGain < 1, "minGain", minGain);
        require(nsPerByte >= 0 && nsPerByte < 1e9, "nsPerByte", nsPerByte);
        require(maxUnitsLoaded >= 1, "maxUnitsLoaded", maxUnitsLoaded);
        require(minRows >= 1, "minRows", minRows);
        require(unitBytes >= 1, "unitBytes", unitBytes);
    }

    private static void require(final boolean condition, final String name, final Number value) {
        if (!condition) {
            throw new IllegalArgumentException("rebalance rule " + name + " is " + value);
        }
    }

    /** What loading one unit must save, ns. */
    double pricePerUnit() {
        return nsPerByte * unitBytes;
    }
}

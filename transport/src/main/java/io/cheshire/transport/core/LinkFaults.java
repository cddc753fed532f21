package io.cheshire.transport.core;

/**
 * What goes wrong on the way to or from one node. Rates are fractions, 0 to 1.
 *
 * @param dropRate      frames lost
 * @param duplicateRate frames that arrive twice
 * @param corruptRate   frames with one bit flipped
 * @param reorderRate   frames held back until one later frame has passed
 * @param delayNs       delay of every frame
 * @param jitterNs      further delay, drawn evenly from 0 to this; may reorder
 * @param partitioned   nothing passes
 */
public record LinkFaults(
        double dropRate,
        double duplicateRate,
        double corruptRate,
        double reorderRate,
        long delayNs,
        long jitterNs,
        boolean partitioned) {
    /** All well. */
    public static final LinkFaults NONE = new LinkFaults(0, 0, 0, 0, 0, 0, false);
    /** Nothing passes. */
    public static final LinkFaults PARTITION = new LinkFaults(0, 0, 0, 0, 0, 0, true);

    public LinkFaults {
        if (!isRate(dropRate) || !isRate(duplicateRate) || !isRate(corruptRate) || !isRate(reorderRate)) {
            throw new IllegalArgumentException("rates are fractions from 0 to 1: drop " + dropRate + ", duplicate "
                    + duplicateRate + ", corrupt " + corruptRate + ", reorder " + reorderRate);
        }
        if (delayNs < 0 || jitterNs < 0) {
            throw new IllegalArgumentException("delays must not be negative: " + delayNs + ", " + jitterNs);
        }
    }

    /** A fraction of the frames is lost. */
    public static LinkFaults drop(final double rate) {
        return new LinkFaults(rate, 0, 0, 0, 0, 0, false);
    }

    /** A fraction of the frames arrives twice. */
    public static LinkFaults duplicate(final double rate) {
        return new LinkFaults(0, rate, 0, 0, 0, 0, false);
    }

    /** A fraction of the frames has one bit flipped. */
    public static LinkFaults corrupt(final double rate) {
        return new LinkFaults(0, 0, rate, 0, 0, 0, false);
    }

    /** A fraction of the frames is overtaken by the next one. */
    public static LinkFaults reorder(final double rate) {
        return new LinkFaults(0, 0, 0, rate, 0, 0, false);
    }

    /** Every frame is late. */
    public static LinkFaults delay(final long delayNs, final long jitterNs) {
        return new LinkFaults(0, 0, 0, 0, delayNs, jitterNs, false);
    }

    private static boolean isRate(final double rate) {
        return rate >= 0 && rate <= 1;
    }
}

package io.cheshire.coordinator.protocol;

import java.util.Locale;

/**
 * How epochs are numbered, so that two coordinators never use one number, whatever they know of each other: the round,
 * which counts, stands above {@value #TAG_BITS} bits of the publisher's incarnation, and the whole grows.
 *
 * <pre>
 * bit 63   62 .. 20                       19 .. 0
 *  0     | round: highest one seen + 1 | publisher's incarnation, its low bits |
 * </pre>
 *
 * <p>Below 2^33 rounds the number fits into a double, so JSON keeps it whole. Incarnations are random: should two
 * coordinators that live at a time share all {@value #TAG_BITS} bits (one in a million), members still tell them apart
 * by the whole incarnation and obey the first.
 */
public final class Epochs {
    private static final int TAG_BITS = 20;
    private static final long TAG_MASK = (1L << TAG_BITS) - 1;
    /** One a second takes 136 years. */
    private static final long PLAUSIBLE_ROUNDS = 1L << 32;
    /** How far another coordinator can have got ahead of one that has gone beyond that; 12 days of one a second. */
    private static final long PLAUSIBLE_LEAD = 1L << 20;

    private Epochs() {}

    /** The epoch of a round. */
    public static long of(final long round, final long publisher) {
        if (round < 1 || round > (Long.MAX_VALUE >> TAG_BITS)) {
            throw new IllegalArgumentException("round " + round + " is not between 1 and 2^43 - 1");
        }
        return (round << TAG_BITS) | (publisher & TAG_MASK);
    }

    /** The publisher's least epoch above another one; 0 is the epoch before the first. */
    public static long next(final long above, final long publisher) {
        return of(round(above) + 1, publisher);
    }

    /**
     * Whether an epoch that a peer names can be one that a coordinator published. What can't be must take part in no
     * arithmetic: the next epoch has to lie above all that were seen, and there would be none.
     *
     * @param epoch as the peer says, 0 before the first
     * @param own   highest epoch that is known for sure
     */
    public static boolean isPlausible(final long epoch, final long own) {
        return epoch >= 0 && round(epoch) <= Math.max(PLAUSIBLE_ROUNDS, round(own) + PLAUSIBLE_LEAD);
    }

    /** Whether the epoch's number names this publisher. */
    public static boolean isOf(final long epoch, final long publisher) {
        return (epoch & TAG_MASK) == (publisher & TAG_MASK);
    }

    /** The round of an epoch; 0 before the first. */
    public static long round(final long epoch) {
        return epoch >>> TAG_BITS;
    }

    /** For people: the round and who published it, as in {@code 12.0a3f7}. */
    public static String text(final long epoch) {
        return epoch == 0 ? "0" : String.format(Locale.ROOT, "%d.%05x", round(epoch), epoch & TAG_MASK);
    }
}

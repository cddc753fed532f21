package io.cheshire.planner.core.step;

import io.cheshire.planner.protocol.run.Strike;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/** What strikes cost, as episodes of the exact fidelity showed: a stall of steps under way, and a while with less. */
public final class StrikeTimes {
    private final Map<Strike.Kind, Samples> byKind = new EnumMap<>(Strike.Kind.class);

    /** One number each of every play of a kind: the longest stall beyond a usual gap, and until it was whole. */
    private static final class Samples {
        private final long[] stallNs;
        private final long[] wholeNs;

        private final double slowdown;

        private Samples(final long[] stallNs, final long[] wholeNs, final double slowdown) {
            this.stallNs = stallNs;
            this.wholeNs = wholeNs;
            this.slowdown = slowdown;
        }
    }

    /** Adds what the plays of a kind showed: steps are as fast as with the nodes that are left. */
    public void add(final Strike.Kind kind, final long[] stallNs, final long[] wholeNs) {
        add(kind, stallNs, wholeNs, 1);
    }

    /**
     * The same.
     *
     * @param slowdown of steps until it is whole, beyond what fewer nodes make of them ({@link StrikeFit})
     */
    public void add(final Strike.Kind kind, final long[] stallNs, final long[] wholeNs, final double slowdown) {
        if (stallNs.length == 0 || stallNs.length != wholeNs.length) {
            throw new IllegalArgumentException(
                    kind + ": " + stallNs.length + " stalls, " + wholeNs.length + " ways back");
        }
        byKind.put(
                kind,
                new Samples(Arrays.copyOf(stallNs, stallNs.length), Arrays.copyOf(wholeNs, wholeNs.length), slowdown));
    }

    /** One play of a kind, drawn. */
    Play draw(final Strike.Kind kind, final SplittableRandom random) {
        final Samples samples = byKind.get(kind);
        if (samples == null) {
            throw new IllegalArgumentException("nobody has played " + kind + " in the exact fidelity: its cost isn't"
                    + " known; play it first (EpisodePlays)");
        }
        final int play = random.nextInt(samples.stallNs.length);
        return new Play(samples.stallNs[play], samples.wholeNs[play], samples.slowdown);
    }

    /** A stall, the time until the cluster was whole, and how much slower steps are until then. */
    record Play(long stallNs, long wholeNs, double slowdown) {}
}

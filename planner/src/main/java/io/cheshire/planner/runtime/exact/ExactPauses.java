package io.cheshire.planner.runtime.exact;

import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.core.events.DrawnDelay;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Processes stand still now and then, as those did that were measured: for the collector, or because the host gave its
 * cores to somebody else. Each by chance of its own; what was assumed of a machine strikes nobody.
 */
final class ExactPauses {
    private final World world;
    private final long seed;

    ExactPauses(final World world, final long seed) {
        this.world = world;
        this.seed = seed;
    }

    /** From now on these processes pause as those on the calibrated machine did. */
    void begin(final List<? extends SimProcess> processes, final Calibration calibration) {
        final Quantiles lengths = calibration.spreads().get(Spread.PAUSE);
        final Quantiles between = calibration.spreads().get(Spread.BETWEEN_PAUSES);
        if (calibration.origin().assumed() || lengths == null || between == null) {
            return;
        }
        for (final SimProcess process : processes) {
            new Pausing(
                            process,
                            new DrawnDelay(lengths),
                            new DrawnDelay(between),
                            // A stream of its own for each host; 0 is the publishing of epochs.
                            Chance.of(seed, Purpose.DELAYS, 1 + process.host()))
                    .plan();
        }
    }

    private final class Pausing {
        private final SimProcess process;
        private final DrawnDelay lengths;
        private final DrawnDelay between;
        private final SplittableRandom random;

        private Pausing(
                final SimProcess process,
                final DrawnDelay lengths,
                final DrawnDelay between,
                final SplittableRandom random) {
            this.process = process;
            this.lengths = lengths;
            this.between = between;
            this.random = random;
        }

        private void plan() {
            world.after(Math.max(1, between.drawNs(random)), () -> {
                process.pauseUntil(world.nowNs() + lengths.drawNs(random));
                plan();
            });
        }
    }
}

package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.FaultRegion;
import io.cheshire.chaos.experiment.core.LongGap;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.core.StreamFigures;
import io.cheshire.chaos.process.CpuWatch;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is known of why a gap was long: what was on meanwhile, and what the router had of the cores. */
final class GapCauses {
    private static final double NS_PER_MS = 1e6;

    private GapCauses() {}

    /** The gap with its cause. */
    static LongGap of(
            final LongGap gap,
            final List<FaultRegion> regions,
            final List<RunMark> marks,
            final @Nullable CpuWatch cores,
            final long startNs) {
        final StringBuilder cause = new StringBuilder(StreamFigures.cause(gap, regions, marks));
        if (cores != null) {
            final CpuWatch.Look look = cores.between(
                    startNs + Math.round(gap.fromMs() * NS_PER_MS), startNs + Math.round(gap.toMs() * NS_PER_MS));
            if (!Double.isNaN(look.busyShare())) {
                cause.append(String.format(Locale.ROOT, "; cores %.0f %% busy", 100 * look.busyShare()));
            }
            if (look.waitedMs() > 0) {
                cause.append(String.format(Locale.ROOT, ", the router waited %.0f ms for one", look.waitedMs()));
            }
        }
        return new LongGap(gap.lane(), gap.fromMs(), gap.toMs(), cause.toString());
    }
}

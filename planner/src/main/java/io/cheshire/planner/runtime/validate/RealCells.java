package io.cheshire.planner.runtime.validate;

import io.cheshire.model.protocol.calibration.Calibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Which cells are measured: workloads at deployments, each at several rates.
 *
 * @param groups in the order in which they are measured
 */
record RealCells(List<Group> groups) {
    private static final double PERCENT = 100;

    RealCells {
        groups = List.copyOf(groups);
    }

    /**
     * A rate: a share of the knee, or so many requests a second.
     *
     * @param ofKnee 1 at the knee; 0 where the rate is given
     * @param rate   requests a second; 0 where the share is given
     */
    record Share(double ofKnee, double rate) {
        boolean isOfKnee() {
            return ofKnee > 0;
        }
    }

    /**
     * One workload at one deployment.
     *
     * @param runs how long a run is
     */
    record Group(Deployment deployment, LiveWorkload workload, List<Share> shares, KneeFinder.Lengths runs, long seed) {
        private static final String KERNELS = "real";

        Group {
            shares = List.copyOf(shares);
        }

        double knee(final Calibration calibration, final Consumer<String> progress) {
            final double knee = new KneeFinder(calibration, runs).find(deployment, workload, seed);
            progress.accept(String.format(
                    Locale.ROOT,
                    "%s, %s: predicted to carry %.4g requests/s",
                    deployment.words(),
                    workload.words(),
                    knee));
            return knee;
        }

        LiveScenario scenario(final Share share, final double knee) {
            final double rate = share.isOfKnee() ? share.ofKnee() * knee : share.rate();
            return scenario(rate, runs.count(rate));
        }

        LiveScenario scenario(final double rate, final int count) {
            return new LiveScenario(deployment, workload, rate, count, seed);
        }

        String words(final Share share, final LiveScenario scenario) {
            return scenario.words(KERNELS)
                    + (share.isOfKnee()
                            ? String.format(Locale.ROOT, ", %.0f %% of the knee", PERCENT * share.ofKnee())
                            : "");
        }

        /** Of its prediction. */
        String file(final Share share) {
            return String.format(
                    Locale.ROOT,
                    "prediction-%s-%s-%s-%s.json",
                    KERNELS,
                    deployment.key(),
                    workload.key(),
                    share.isOfKnee()
                            ? String.format(Locale.ROOT, "%.0f", PERCENT * share.ofKnee())
                            : String.format(Locale.ROOT, "at-%.3g", share.rate()));
        }
    }

    /** All workloads at all shares, deployment by deployment. */
    static RealCells of(
            final List<Deployment> deployments,
            final List<LiveWorkload> workloads,
            final List<Share> shares,
            final KneeFinder.Lengths runs,
            final long seed) {
        final List<Group> groups = new ArrayList<>();
        for (final Deployment deployment : deployments) {
            for (final LiveWorkload workload : workloads) {
                groups.add(new Group(deployment, workload, shares, runs, seed));
            }
        }
        return new RealCells(groups);
    }
}

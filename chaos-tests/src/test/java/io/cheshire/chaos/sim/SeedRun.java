package io.cheshire.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A part of the seeds that a build simulates. Half of them are always the same, the other half comes from the clock and
 * is printed.
 *
 * @param skipped  runs of other parts, whose seeds come before
 * @param seeds    runs at most
 * @param least    runs on the slowest machine
 * @param budgetNs beyond the least, no run begins later than this after the first
 */
record SeedRun(int skipped, int seeds, int least, long budgetNs) {
    /** Faults that strike in a run, at least, on average: it is a few dozen. */
    private static final int FAULTS_PER_RUN = 5;

    void checkEveryPromise() {
        final long drawn = Long.getLong("cheshire.sim.first", System.currentTimeMillis()) + skipped / 2;
        final long fixed = 1L + skipped / 2;
        final int most = Integer.getInteger("cheshire.sim.seeds", seeds);
        System.out.println("simulated seeds: " + fixed + " and on, " + drawn + " and on");
        final SimReport report = new SimReport();
        final long endNs = System.nanoTime() + budgetNs;
        int runs = 0;
        while (runs < most && (runs < least || System.nanoTime() - endNs < 0)) {
            report.add(Simulation.run((runs % 2 == 0 ? fixed : drawn) + runs / 2));
            runs++;
        }

        assertThat(report.failures())
                .as("replay each by ./cheshire chaos sim --seed N --trace")
                .isEmpty();
        assertThat(report.faults().total()).as("faults that struck").isGreaterThan((long) FAULTS_PER_RUN * runs);
        assertThat(report.invalid()).as("runs that served nothing").isLessThan(Math.ceilDiv(runs, 4));
    }
}

package io.cheshire.planner.core.screen;

import io.cheshire.planner.protocol.plan.LengthMix;

/**
 * Waiting before a prompt is worked on: behind other prompts (their rows share what steps have for prefill) and for a
 * place among those that run. Both as several servers with one queue: Erlang's C for who waits, the correction of
 * Allen and Cunneen for bursts and for uneven work; waits of those who do are taken to be exponential.
 *
 * @param probability of waiting at all
 * @param meanNs      of those who wait
 */
record Waiting(double probability, double meanNs) {
    static final Waiting NONE = new Waiting(0, 0);

    /**
     * At a queue.
     *
     * @param servers   that serve
     * @param offered   mean number of them that is busy
     * @param serviceNs mean time of one
     * @param gapCv     of arrivals
     * @param serviceCv of services
     */
    static Waiting at(
            final int servers,
            final double offered,
            final double serviceNs,
            final double gapCv,
            final double serviceCv) {
        if (offered <= 0 || serviceNs <= 0) {
            return NONE;
        }
        if (offered >= servers) {
            return new Waiting(1, Double.POSITIVE_INFINITY);
        }
        final double bursts = (gapCv * gapCv + serviceCv * serviceCv) / 2;
        return new Waiting(erlangC(servers, offered), bursts * serviceNs / (servers - offered));
    }

    /** Erlang's C, by his recursion for B. */
    static double erlangC(final int servers, final double offered) {
        double blocked = 1;
        for (int n = 1; n <= servers; n++) {
            blocked = offered * blocked / (n + offered * blocked);
        }
        final double busy = offered / servers;
        return blocked / (1 - busy * (1 - blocked));
    }

    /** Either of two, one after the other. */
    Waiting then(final Waiting other) {
        final double any = 1 - (1 - probability) * (1 - other.probability);
        final double mean = probability * meanNs + other.probability * other.meanNs;
        return any == 0 ? NONE : new Waiting(any, mean / any);
    }

    /** Mean of all, also of those who don't wait. */
    double overallNs() {
        return probability == 0 ? 0 : probability * meanNs;
    }

    /** Probability of a longer wait. */
    double beyond(final double ns) {
        if (ns < 0) {
            return 1;
        }
        return meanNs == 0 ? 0 : probability * Math.exp(-ns / meanNs);
    }

    /** Coefficient of variation of prompts' lengths. */
    static double promptCv(final LengthMix lengths) {
        final double mean = lengths.meanPrompt();
        double squares = 0;
        for (final LengthMix.Stratum stratum : lengths.strata()) {
            squares += stratum.weight() * (stratum.promptTokens() - mean) * (stratum.promptTokens() - mean);
        }
        return Math.sqrt(squares) / mean;
    }
}

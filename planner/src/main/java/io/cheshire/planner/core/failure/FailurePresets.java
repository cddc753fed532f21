package io.cheshire.planner.core.failure;

import io.cheshire.planner.protocol.plan.FailureRates;
import io.cheshire.planner.protocol.plan.FailureRates.EpisodeTimes;
import io.cheshire.planner.protocol.plan.FailureRates.Failure;
import io.cheshire.planner.protocol.plan.FailureRates.Repair;
import io.cheshire.planner.protocol.plan.FailureRates.RollingUpdate;
import java.util.List;
import java.util.Locale;

/** Rates of failure that others published. */
public enum FailurePresets {
    /** Meta's research cluster, 6.50 failures in 1,000 node-days of eight GPUs; at 1,024 GPUs one every 7.9 h. */
    RSC_1(8_090, "RSC-1: at 1,024 GPUs one failure every 7.9 h, so one GPU every 8,090 h (Kokolis 2024)"),
    /** The other one, 2.34 in 1,000 node-days. */
    RSC_2(22_470, "RSC-2: 2.34 failures in 1,000 node-days where RSC-1 has 6.50 (Kokolis 2024)"),
    /** 419 interruptions in 54 days on 16,384 GPUs. */
    LLAMA_3(50_700, "Llama 3: 419 interruptions in 54 days on 16,384 H100 (its report, 2024)"),
    /** Nothing fails. */
    NONE(Double.POSITIVE_INFINITY, "no failures");

    /** Detection and rerouting, as `chaos kill` measured them. */
    public static final EpisodeTimes EPISODE = new EpisodeTimes(
            0.18, 20, "0.18 s until others compute (chaos kill, worst), 20 s until copies are made again");

    private static final List<Repair> REPAIRS =
            List.of(new Repair("soft", 0.7, 2.5), new Repair("medium", 0.2, 14), new Repair("hard", 0.1, 48));
    private static final double RESTART_HOURS = 20.0 / 3_600;
    private static final double PROCESS_MTBF = 2_000;

    private final double mtbfHours;
    private final String source;

    FailurePresets(final double mtbfHours, final String source) {
        this.mtbfHours = mtbfHours;
        this.source = source;
    }

    /** Name in a plan. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** With repairs of 1-4, 4-24 and 24-72 hours, and a process that is started again within 20 s. */
    public FailureRates rates() {
        if (this == NONE) {
            return new FailureRates(
                    Failure.never(), Failure.never(), Failure.never(), RollingUpdate.never(), EPISODE, source);
        }
        return new FailureRates(
                new Failure(mtbfHours, REPAIRS),
                new Failure(PROCESS_MTBF, List.of(new Repair("restart", 1, RESTART_HOURS))),
                new Failure(20_000, List.of(new Repair("rack", 1, 4))),
                new RollingUpdate(168, 3),
                EPISODE,
                source + "; racks 20,000 h and processes 2,000 h are round assumptions");
    }
}

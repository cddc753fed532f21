package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every unit moves between real processes under load, and the coordinator is killed meanwhile: nobody who reads can
 * tell.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
abstract class MovedUnitsCases {
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_127L);
    private static final StreamLoad LOAD = new StreamLoad(8, 12, 32, 4000, SEED);
    private static final int UNITS = 64;
    private static final int BATCH = 16;

    private final SharedCluster shared;

    MovedUnitsCases(final SharedCluster shared) {
        this.shared = shared;
    }

    @Test
    void shouldGiveTheSameTokensWhileEveryUnitMovesAndTheCoordinatorIsKilled() throws Exception {
        final MoveReport report = new MoveExperiment(
                        shared.steady(1),
                        new MoveExperiment.Plan(SharedCluster.NODES, 1, 1, BATCH, 1, LOAD),
                        System.out::println)
                .run();

        System.out.println(report.table());
        assertThat(report.failedStreams())
                .as("failed: %s", report.exampleError())
                .isZero();
        assertThat(report.alteredStreams()).as("altered streams").isZero();
        assertThat(report.movedUnits() + report.undoneUnits())
                .as("units asked to move")
                .isEqualTo(UNITS);
        assertThat(report.movedUnits()).as("units moved").isGreaterThanOrEqualTo(UNITS / 2);
        assertThat(report.kills())
                .hasSize(1)
                .allSatisfy(kill -> assertThat(kill.epochAfter()).isGreaterThan(kill.epochBefore()));
        assertThat(report.lastEpoch()).isGreaterThan(report.firstEpoch());
    }
}

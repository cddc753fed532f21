package io.cheshire.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.sim.parameters.RunParameters;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole clusters among faults: some seeds, the rest is {@link SimulationIT}'s. {@code -Dcheshire.sim.first=N} and
 * {@code -Dcheshire.sim.seeds=N} set them.
 */
class SimulationTest {
    private static final SeedRun SEEDS = new SeedRun(0, 40, 10, TimeUnit.SECONDS.toNanos(6));

    private SimLogs silence;

    @BeforeEach
    void begin() {
        silence = SimLogs.silence();
    }

    @AfterEach
    void end() {
        silence.close();
    }

    @Test
    void shouldKeepEveryPromiseWhateverFails() {
        SEEDS.checkEveryPromise();
    }

    /** What is never met proves nothing: a family of faults or of events that the seeds stop exercising fails here. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES) // ten seconds on an idle machine
    void shouldMeetWhatItIsSaidToMeet() throws IOException {
        final SimReport report = new SimReport();
        long seed = 1;
        while (seed <= CoverageFloors.SEEDS
                || (seed <= CoverageFloors.SEEDS_FOR_THE_RARE && CoverageFloors.missesTheRareAlone(report))) {
            report.add(Simulation.run(seed));
            seed++;
        }

        assertThat(CoverageFloors.missed(report)).isEmpty();
    }

    /** Each is also a scripted case now: what a seed draws moves with every draw that is added. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                24,
                44,
                147,
                482,
                878,
                1_795_776_664_327L,
                1_795_939_907_435L,
                1_795_939_908_474L,
                1_795_939_908_812L,
                1_795_940_678_822L
            })
    void shouldStayGreenWhereItOnceWasNot(final long seed) {
        final SimResult result = Simulation.run(seed);

        assertThat(result.violation()).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 7, 11})
    void shouldDoTheSameAgainForTheSameSeed(final long seed) {
        final SimResult once = Simulation.run(seed, PlantedBug.NONE, true);
        final SimResult again = Simulation.run(seed, PlantedBug.NONE, true);

        assertThat(again.trace()).isEqualTo(once.trace()).hasSizeGreaterThan(50);
        assertThat(again.fingerprint()).isEqualTo(once.fingerprint());
        assertThat(Simulation.run(seed).fingerprint())
                .as("tracing changes nothing")
                .isEqualTo(once.fingerprint());
    }

    @Test
    void shouldDrawOtherParametersForOtherSeeds() {
        assertThat(List.of(
                        new RunParameters(1, PlantedBug.NONE).describe(),
                        new RunParameters(2, PlantedBug.NONE).describe()))
                .doesNotHaveDuplicates();
        assertThat(new RunParameters(1, PlantedBug.NONE).describe())
                .isEqualTo(new RunParameters(1, PlantedBug.NONE).describe());
    }
}

package io.cheshire.chaos.sim;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole clusters among faults: the seeds that {@link SimulationTest} leaves. */
class SimulationIT {
    private static final SeedRun SEEDS = new SeedRun(40, 120, 20, TimeUnit.SECONDS.toNanos(19));

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
}

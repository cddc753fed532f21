package io.cheshire.planner.runtime.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.planner.runtime.calibrate.Stages.Outcome;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StagesTest {
    /** So short that every stage's time is over at once. */
    private static final double NONE = 1e-6;

    @Test
    void shouldTakeNoMoreThanThreeMinutesInAllAndFortyFiveSecondsWhenQuick() {
        assertThat(Arrays.stream(Stage.values())
                        .mapToInt(stage -> stage.seconds(false))
                        .sum())
                .isEqualTo(180);
        assertThat(Arrays.stream(Stage.values())
                        .mapToInt(stage -> stage.seconds(true))
                        .sum())
                .isEqualTo(45);
    }

    @Test
    void shouldSayWhichStageHadTooLittleTimeWhenItIsNeeded() {
        final Stages stages = new Stages(true, NONE, line -> {});
        final CountDownLatch interrupted = new CountDownLatch(1);

        assertThatThrownBy(() -> stages.require(Stage.ENGINE, () -> forever(interrupted)))
                .isInstanceOf(CalibrationException.class)
                .hasMessageContaining("stage engine")
                .hasMessageContaining("--quick")
                .hasMessageContaining("--patience");
        assertThat(stages.done())
                .singleElement()
                .satisfies(done -> assertThat(done.outcome()).isEqualTo(Outcome.MISSED));
    }

    @Test
    void shouldStopWhatTakesLongerThanItsStageHas() throws InterruptedException {
        final Stages stages = new Stages(false, 2e-3, line -> {});
        final CountDownLatch interrupted = new CountDownLatch(1);

        stages.attempt(Stage.CLUSTER, Stage.END, () -> forever(interrupted));

        interrupted.await();
        assertThat(stages.warnings()).singleElement().asString().contains("stage cluster was missed");
    }

    @Test
    void shouldLeaveTheTimeThatAStageDoesNotNeedToThoseAfterIt() throws InterruptedException {
        final Stages stages = new Stages(true, 1, line -> {});

        stages.require(Stage.KERNELS, () -> true);
        stages.attempt(Stage.SAMPLER, Stage.SAMPLER, () -> Outcome.SHORTENED);

        assertThat(stages.done().getLast().limit())
                .isBetween(Stage.KERNELS.seconds(true) + 0.5, Stage.KERNELS.seconds(true) + 2.0);
        assertThat(stages.warnings()).singleElement().asString().contains("sampler was shortened");
    }

    private static Outcome forever(final CountDownLatch interrupted) throws InterruptedException {
        try {
            new CountDownLatch(1).await();
            return Outcome.WHOLE;
        } finally {
            interrupted.countDown();
        }
    }
}

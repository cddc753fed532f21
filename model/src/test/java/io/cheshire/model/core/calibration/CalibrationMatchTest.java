package io.cheshire.model.core.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.model.testing.SampleCalibration;
import org.junit.jupiter.api.Test;

class CalibrationMatchTest {
    private static final Calibration SAMPLE = SampleCalibration.sample();

    @Test
    void shouldAcceptTheModelItWasTakenOf() {
        CalibrationMatch.require(SAMPLE, "c.json", SampleCalibration.SHAPE, Precision.BF16);
    }

    @Test
    void shouldRefuseAnotherShapeOrPrecisionAndSayEachDifference() {
        final Shape narrow = new Shape(32_064, 4_096, 448, 32, 32, 8, 128, 8, 2);
        assertThatThrownBy(() -> CalibrationMatch.require(SAMPLE, "c.json", narrow, Precision.FP32))
                .isInstanceOf(CalibrationException.class)
                .hasMessageContaining("c.json was taken of another model")
                .hasMessageContaining("ffnSize is 6400 in it and 448 in the model")
                .hasMessageContaining("expertCount is 16 in it and 8 in the model")
                .hasMessageContaining("precision is BF16 in it and FP32 is served")
                .hasMessageNotContaining("hiddenSize");
    }

    @Test
    void shouldWarnOfAnotherCommitOrMachine() {
        assertThat(CalibrationMatch.warnings(SAMPLE, "abc1234", "a CPU")).containsExactly("it rained");
        assertThat(CalibrationMatch.warnings(SAMPLE, "def", "b CPU"))
                .contains(
                        "calibrated with commit abc1234, this is def; calibrate again",
                        "calibrated on a CPU, this is b CPU");
    }
}

package io.cheshire.model.core.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.core.paced.PacedTimes;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.model.testing.SampleCalibration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerTimesTest {
    private static Calibration calibration() {
        final Map<Quantity, Fit> fits = new EnumMap<>(SampleCalibration.sample().fits());
        fits.put(Quantity.PROJECTIONS, new Fit.Table(List.of(1.0, 101.0), List.of(1_000.0, 11_000.0), 0));
        fits.put(Quantity.ATTENTION_DECODE, new Fit.Plane(100, 2, 10, 1e6, 64, 0));
        fits.put(Quantity.ATTENTION_PREFILL, new Fit.Plane(5_000, 30, 4, 512, 1e6, 0));
        return SampleCalibration.sample().withFits(fits);
    }

    private static StepBatch step(final int[] rows, final int[] positions) {
        final StepBatch batch = new StepBatch(512, rows.length);
        for (int slot = 0; slot < rows.length; slot++) {
            batch.rowsOf[slot] = rows[slot];
            batch.firstPosition[slot] = positions[slot];
            batch.rowCount += rows[slot];
        }
        batch.sequenceCount = rows.length;
        return batch;
    }

    @Test
    void shouldCountACallsConstantOnceHoweverManyChunksAreInIt() {
        final double ns = new LayerTimes(calibration()).ns(step(new int[] {10, 1, 20, 1}, new int[] {0, 9, 100, 19}));

        final double projections = 1_000 + 100 * (32 - 1);
        final double decoding = 100 + 2 * (10 + 20) + 10 * 2;
        final double chunks = 5_000 + 30 * (10 + 20) + 4 * (10 * 5.5 + 20 * (100 + 10.5));
        assertThat(ns).isCloseTo(projections + decoding + chunks, within(1e-6));
    }

    @Test
    void shouldBeWhatPacedKernelsTake() {
        final StepBatch batch = step(new int[] {10, 1, 20}, new int[] {0, 9, 100});

        assertThat(new PacedTimes(calibration()).layerNs(batch))
                .isEqualTo(Math.round(new LayerTimes(calibration()).ns(batch)));
    }

    @Test
    void shouldTakeTheFitItselfBeyondItsTable() {
        final Calibration calibration = calibration();

        assertThat(TabledFit.of(calibration, Quantity.PROJECTIONS).ns(5_000))
                .isEqualTo(TabledFit.fit(calibration, Quantity.PROJECTIONS).ns(5_000, 0));
    }
}

package io.cheshire.model.runtime.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.model.runtime.synth.SynthShape;
import io.cheshire.model.testing.SampleCalibration;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway") // weights that nobody reads
class PacedKernelsTest {
    private static final ModelConfig MODEL = new SynthShape(64, 32, 2, 4, 2, 0, 8, 320, 512, 0).toConfig();

    @TempDir
    Path directory;

    private PacedKernels kernels;

    @BeforeEach
    void write() throws IOException {
        final Path file = directory.resolve("calibration.json");
        CalibrationStore.write(SampleCalibration.of(MODEL), file);
        kernels = PacedKernels.by(file);
    }

    @Test
    void shouldTakeAtLeastTheCalibratedTimeAndAnswerZeros() {
        final ExpertKernel unit = kernels.loadExpert(MODEL, Precision.BF16, null, 16);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment rows = arena.allocate(16L * MODEL.hiddenSize() * Short.BYTES, 64);
            final MemorySegment results =
                    arena.allocate(16L * MODEL.hiddenSize() * Float.BYTES, 64).fill((byte) 1);
            final long beganNs = System.nanoTime();
            unit.forward(rows, 16, results);
            assertThat(System.nanoTime() - beganNs)
                    .as("the table says 400 µs for 16 rows")
                    .isGreaterThanOrEqualTo(400_000);
            assertThat(results.get(ValueLayout.JAVA_FLOAT, results.byteSize() - Float.BYTES))
                    .isZero();
        }
        assertThat(kernels.lateness().calls()).isEqualTo(1);
    }

    @Test
    void shouldNameOneTokenARowTheSameEveryTime() {
        final RouterKernel router = kernels.loadRouter(MODEL, Precision.BF16, null, new KvLayout(4, 16), 8);
        final LaneBuffers lane = new LaneBuffers(Arena.ofAuto(), MODEL, Precision.BF16, 8, 8);
        final StepBatch batch = new StepBatch(8, 2);
        batch.rowCount = 3;
        batch.sequenceCount = 2;
        batch.rowsOf[0] = 2;
        batch.firstRow[1] = 2;
        batch.rowsOf[1] = 1;
        batch.firstPosition[1] = 40;
        batch.tokenIds[2] = 17;
        batch.logitsRows[0] = 1;
        batch.logitsRows[1] = 2;
        batch.logitsRowCount = 2;

        router.attention(1, batch, lane);
        router.logits(batch, lane);
        final int first = named(lane, 0);
        final int second = named(lane, 1);
        batch.tokenIds[2] = 18;
        router.logits(batch, lane);

        assertThat(named(lane, 0)).isEqualTo(first);
        assertThat(named(lane, 1)).as("of another row").isNotEqualTo(second);
        assertThat(lane.experts[0]).isNotEqualTo(lane.experts[1]);
    }

    private static int named(final LaneBuffers lane, final int row) {
        int named = -1;
        for (int id = 0; id < MODEL.vocabSize(); id++) {
            if (lane.logits.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * MODEL.vocabSize() + id) > 0) {
                assertThat(named).as("one token a row").isEqualTo(-1);
                named = id;
            }
        }
        return named;
    }

    @Test
    void shouldSayThatItIsPacedAndRefuseAnotherModel() {
        assertThat(kernels.description()).contains("PACED by", "nothing is computed");
        assertThat(kernels.numerics(Precision.BF16)).startsWith("paced, ");
        final ModelConfig other = new SynthShape(64, 48, 2, 4, 2, 0, 8, 320, 512, 0).toConfig();
        assertThatThrownBy(() -> kernels.requireFit(other, Precision.BF16))
                .isInstanceOf(CalibrationException.class)
                .hasMessageContaining("ffnSize is 32 in it and 48 in the model");
        assertThatThrownBy(() -> PacedKernels.by(directory.resolve("none.json")))
                .isInstanceOf(CalibrationException.class)
                .hasMessageContaining("./cheshire calibrate");
    }
}

package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.QuantisedMatrix;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.model.testing.ModelPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointQuantiserTest {
    private static final int[] PROMPT = {4090, 748, 437, 665, 337, 259, 324, 1086, 334, 303, 4087, 4081};
    private static final long SHARD_BYTES = 2_000_000;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(names = {"INT8", "INT4", "INT4_G32"})
    void shouldWriteWhatServingMakesWhileLoading(final Precision precision) {
        final Path to = directory.resolve(precision.word());
        final Quantisation experts = Objects.requireNonNull(precision.experts());
        try (Checkpoint from = Checkpoint.open(ModelPaths.cheshireMini())) {
            CheckpointQuantiser.write(from, experts, to, SHARD_BYTES, Progress.NONE);
            try (Checkpoint written = Checkpoint.open(to)) {
                assertThat(written.quantised()).isEqualTo(experts);
                assertThat(written.fingerprint()).isNotEqualTo(from.fingerprint());
                assertThat(written.digestedUnit(new ExpertKey(1, 2)).sha256())
                        .isNotEqualTo(from.digestedUnit(new ExpertKey(1, 2)).sha256());
                assertSameMatrix(from, written, experts);
                assertThat(greedy(written, precision)).isEqualTo(greedy(from, precision));
            }
        }
    }

    @Test
    void shouldRefuseAPrecisionThatItWasNotWrittenFor() {
        final Path to = directory.resolve("q");
        try (Checkpoint from = Checkpoint.open(ModelPaths.cheshireMini())) {
            from.require(Precision.BF16);
            CheckpointQuantiser.write(from, new Quantisation(4, 64), to, SHARD_BYTES, Progress.NONE);
        }
        try (Checkpoint written = Checkpoint.open(to)) {
            written.require(Precision.INT4);
            assertThatThrownBy(() -> written.require(Precision.INT8))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("ask for --precision int4");
            assertThatThrownBy(() -> CheckpointQuantiser.write(
                            written, new Quantisation(8, 64), directory.resolve("again"), SHARD_BYTES, Progress.NONE))
                    .hasMessageContaining("quantised already");
        }
    }

    @Test
    void shouldFindAChangedByteByItsManifest() throws IOException {
        final Path to = directory.resolve("q");
        try (Checkpoint from = Checkpoint.open(ModelPaths.cheshireMini())) {
            CheckpointQuantiser.write(from, new Quantisation(8, 128), to, Long.MAX_VALUE, Progress.NONE);
        }
        final Path weights = to.resolve("model.safetensors");
        final byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 100] ^= 1;
        Files.write(weights, bytes);

        assertThatThrownBy(() -> Checkpoint.open(to)).hasMessageContaining("model.safetensors");
    }

    private static void assertSameMatrix(final Checkpoint from, final Checkpoint written, final Quantisation experts) {
        final ModelConfig config = from.config();
        final ExpertKey key = new ExpertKey(2, 7);
        final QuantisedMatrix expected =
                QuantisedMatrix.of(from.unit(key).w2(), config.hiddenSize(), config.ffnSize(), experts);
        final QuantisedMatrix stored =
                QuantisedMatrix.of(written.unit(key).w2(), config.hiddenSize(), config.ffnSize(), experts);
        assertThat(stored.q()).isEqualTo(expected.q());
        assertThat(stored.scales()).isEqualTo(expected.scales());
    }

    private static int[] greedy(final Checkpoint checkpoint, final Precision precision) {
        try (OneDnnKernels kernels = new OneDnnKernels(2);
                SingleProcessModel model = new SingleProcessModel(
                        checkpoint.config(),
                        precision,
                        kernels,
                        checkpoint.routerWeights(),
                        checkpoint::unit,
                        64,
                        16)) {
            return model.greedy(PROMPT, 24, Set.of());
        }
    }
}

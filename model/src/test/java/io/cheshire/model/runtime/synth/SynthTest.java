package io.cheshire.model.runtime.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.SynthValues;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.testing.TinyModels;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SynthTest {
    @TempDir
    private Path directory;

    private static ByteBuffer values(final Dtype dtype, final long first, final int count) {
        final ByteBuffer into = ByteBuffer.allocate(count * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        new SynthValues(3, "model.layers.0.x.weight", 100, dtype).fill(first, into);
        assertThat(into.hasRemaining()).isFalse();
        return into.flip();
    }

    @Test
    void shouldGiveAnElementTheSameValueWhereverAPieceBegins() {
        for (final Dtype dtype : List.of(Dtype.BF16, Dtype.F16, Dtype.F32)) {
            final ByteBuffer whole = values(dtype, 0, 103);
            final ByteBuffer piece = values(dtype, 40, 63);
            assertThat(piece).isEqualTo(whole.slice(40 * dtype.bytes(), 63 * dtype.bytes()));
        }
    }

    @Test
    void shouldHaveTheVarianceThatKeepsActivationsOrdinary() {
        final int count = 1 << 18;
        final ByteBuffer values = values(Dtype.F32, 0, count);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            final double value = values.getFloat(4 * i);
            sum += value;
            squares += value * value;
        }
        assertThat(sum / count).isBetween(-1e-3, 1e-3);
        assertThat(squares / count * 100).isBetween(0.99, 1.01);
    }

    @Test
    void shouldCentreNormsOnOneAndDifferByNameAndSeed() {
        final Path one = TinyModels.write(directory.resolve("one"), 1);
        final Path two = TinyModels.write(directory.resolve("two"), 2);
        try (Checkpoint a = Checkpoint.open(one);
                Checkpoint b = Checkpoint.open(two)) {
            for (int i = 0; i < 16; i++) {
                final short bits =
                        a.routerWeights().normWeight().data().getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i);
                assertThat(Float.intBitsToFloat(bits << 16)).isBetween(0.9f, 1.1f);
            }
            final TensorView w1 = a.unit(new ExpertKey(0, 0)).w1();
            assertThat(w1.data().mismatch(a.unit(new ExpertKey(0, 1)).w1().data()))
                    .isNotEqualTo(-1);
            assertThat(w1.data().mismatch(b.unit(new ExpertKey(0, 0)).w1().data()))
                    .isNotEqualTo(-1);
        }
    }

    @Test
    void shouldReportProgressUpToTheLastByte() {
        final ModelConfig config = TinyModels.config();
        final AtomicLong most = new AtomicLong();
        final AtomicLong total = new AtomicLong();
        final Synth.Options options = Synth.Options.ofSeed(1).withProgress((what, done, all) -> {
            most.accumulateAndGet(done, Math::max);
            total.set(all);
        });

        Synth.write(directory.resolve("x"), config, options);

        assertThat(most.get()).isEqualTo(Synth.dataBytes(config, options)).isEqualTo(total.get());
    }

    @Test
    void shouldRefuseSizesThatDoNotFitTogether() {
        assertThatThrownBy(() -> new SynthShape(16, 24, 2, 3, 2, 0, 1, 32, 64, 0).toConfig())
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("num_key_value_heads is 2")
                .hasMessageContaining("num_experts_per_tok is 2");
    }

    @Test
    void shouldWriteBothLayoutsAndPlainRope() {
        final ModelConfig config = new SynthShape(16, 24, 2, 4, 2, 6, 4, 32, 64, 0).toConfig();
        assertThat(config.ropeScaling()).isNull();
        assertThat(config.queryWidth()).isEqualTo(24);
        Synth.write(
                directory.resolve("fused"),
                config,
                new Synth.Options(1, Dtype.BF16, CheckpointLayout.FUSED, 1_000, (what, done, all) -> {}));
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve("fused"))) {
            assertThat(checkpoint.layout()).isEqualTo(CheckpointLayout.FUSED);
            assertThat(checkpoint.config()).isEqualTo(config);
        }
    }
}

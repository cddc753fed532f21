package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.RopeScaling;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Well-scaled random weights for models of any shape, seeded by name, so that a tensor is the same whenever it is made.
 */
public final class RandomWeights {
    /** The last token of {@code config}'s vocabulary of 160 embeds as not-a-number. */
    public static final int NAN_TOKEN = 159;

    private final ModelConfig config;
    private final Dtype dtype;
    private final long seed;

    public RandomWeights(final ModelConfig config, final Dtype dtype, final long seed) {
        this.config = config;
        this.dtype = dtype;
        this.seed = seed;
    }

    /** A LongRoPE model with biases; only what matters to kernels can be chosen. */
    public static ModelConfig config(
            final int vocab,
            final int hidden,
            final int ffn,
            final int layers,
            final int heads,
            final int kvHeads,
            final int headDim,
            final int experts,
            final @Nullable Integer window) {
        final List<Double> ones = Collections.nCopies(headDim / 2, 1.0);
        return new ModelConfig(
                "phimoe",
                vocab,
                hidden,
                ffn,
                layers,
                heads,
                kvHeads,
                headDim,
                experts,
                2,
                1e-5,
                0.01,
                true,
                true,
                10000.0,
                new RopeScaling(ones, ones, 1.1, 1.2, 4096),
                131072,
                window,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(2),
                null);
    }

    public ModelConfig config() {
        return config;
    }

    public RouterWeights router() {
        final int hidden = config.hiddenSize();
        final List<RouterWeights.Layer> layers = new ArrayList<>();
        for (int n = 0; n < config.layerCount(); n++) {
            final String p = "layer" + n + ".";
            layers.add(new RouterWeights.Layer(
                    tensor(p + "norm1", 1, 0.1, hidden),
                    tensor(p + "norm1b", 0, 0.1, hidden),
                    matrix(p + "q", config.queryWidth(), hidden),
                    tensor(p + "qb", 0, 0.1, config.queryWidth()),
                    matrix(p + "k", config.kvWidth(), hidden),
                    tensor(p + "kb", 0, 0.1, config.kvWidth()),
                    matrix(p + "v", config.kvWidth(), hidden),
                    tensor(p + "vb", 0, 0.1, config.kvWidth()),
                    matrix(p + "o", hidden, config.queryWidth()),
                    tensor(p + "ob", 0, 0.1, hidden),
                    tensor(p + "norm2", 1, 0.1, hidden),
                    tensor(p + "norm2b", 0, 0.1, hidden),
                    matrix(p + "gate", config.expertCount(), hidden)));
        }
        return new RouterWeights(
                embedding(),
                layers,
                tensor("norm", 1, 0.1, hidden),
                tensor("normb", 0, 0.1, hidden),
                matrix("head", config.vocabSize(), hidden),
                tensor("headb", 0, 0.1, config.vocabSize()));
    }

    public UnitWeights unit(final ExpertKey key) {
        final String p = "layer" + key.layer() + ".expert" + key.expert() + ".";
        return new UnitWeights(
                key,
                matrix(p + "w1", config.ffnSize(), config.hiddenSize()),
                matrix(p + "w2", config.hiddenSize(), config.ffnSize()),
                matrix(p + "w3", config.ffnSize(), config.hiddenSize()));
    }

    private TensorView matrix(final String name, final int out, final int in) {
        return tensor(name, 0, Math.sqrt(3.0 / in), out, in);
    }

    private TensorView embedding() {
        final TensorView view = tensor("embed", 0, 1, config.vocabSize(), config.hiddenSize());
        if (config.vocabSize() != NAN_TOKEN + 1) {
            return view;
        }
        final MemorySegment poisoned = Arena.ofAuto().allocate(view.data().byteSize(), 64);
        poisoned.copyFrom(view.data());
        final long rowBytes = (long) config.hiddenSize() * dtype.bytes();
        poisoned.asSlice(NAN_TOKEN * rowBytes, rowBytes).fill((byte) 0xff);
        return new TensorView(view.name(), dtype, view.shape(), poisoned.asReadOnly());
    }

    /** Uniform in {@code base +- scale}. */
    TensorView tensor(final String name, final double base, final double scale, final long... shape) {
        final RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 31 + name.hashCode());
        final long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        final MemorySegment data = Arena.ofAuto().allocate(count * dtype.bytes(), 64);
        for (long i = 0; i < count; i++) {
            final float value = (float) (base + scale * (2 * random.nextFloat() - 1));
            if (dtype == Dtype.BF16) {
                data.setAtIndex(ValueLayout.JAVA_SHORT, i, Bf16.fromFloat(value));
            } else {
                data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            }
        }
        return new TensorView(name, dtype, Arrays.stream(shape).boxed().toList(), data.asReadOnly());
    }
}

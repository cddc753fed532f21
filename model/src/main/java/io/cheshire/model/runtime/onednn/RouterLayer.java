package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import io.cheshire.model.runtime.onednn.matmul.PackedWeights;
import io.cheshire.model.runtime.onednn.matmul.TensorCopy;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packed weights of one layer without its experts: q, k and v in one matmul, norms in fp32, the gate transposed in
 * fp32.
 */
final class RouterLayer implements AutoCloseable {
    final NativeBuffer inputNormWeight;
    final NativeBuffer inputNormBias;
    final PackedWeights qkv;
    final PackedWeights output;
    final NativeBuffer postNormWeight;
    final NativeBuffer postNormBias;
    /** {@code [hidden, Lanes.padded(experts)]}. */
    final NativeBuffer gate;

    RouterLayer(
            final MatmulContext context,
            final ModelConfig config,
            final Precision precision,
            final RouterWeights.Layer weights,
            final int maxRows) {
        final int hidden = config.hiddenSize();
        inputNormWeight = TensorCopy.load(weights.inputNormWeight(), Dtype.F32, hidden);
        inputNormBias = TensorCopy.load(weights.inputNormBias(), Dtype.F32, hidden);
        postNormWeight = TensorCopy.load(weights.postNormWeight(), Dtype.F32, hidden);
        postNormBias = TensorCopy.load(weights.postNormBias(), Dtype.F32, hidden);
        TensorCopy.requireShape(weights.q(), config.queryWidth(), hidden);
        TensorCopy.requireShape(weights.k(), config.kvWidth(), hidden);
        TensorCopy.requireShape(weights.v(), config.kvWidth(), hidden);
        TensorCopy.requireShape(weights.o(), hidden, config.queryWidth());
        qkv = pack(
                context,
                maxRows,
                hidden,
                precision,
                List.of(weights.q(), weights.k(), weights.v()),
                Arrays.asList(weights.qBias(), weights.kBias(), weights.vBias()));
        output = pack(
                context, maxRows, config.queryWidth(), precision, List.of(weights.o()), Arrays.asList(weights.oBias()));
        gate = HeadRows.transposed(weights.gate(), config.expertCount(), hidden);
    }

    /** Packs a projection as the precision has it. */
    static PackedWeights pack(
            final MatmulContext context,
            final int mostRows,
            final int inputs,
            final Precision precision,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        final Quantisation how = precision.projections();
        return how == null
                ? context.pack(mostRows, inputs, precision.projectedDtype(), parts, biases)
                : context.packQuantised(inputs, precision.projectedDtype(), how, parts, biases);
    }

    long bytes() {
        return qkv.bytes()
                + output.bytes()
                + inputNormWeight.bytes()
                + inputNormBias.bytes()
                + postNormWeight.bytes()
                + postNormBias.bytes()
                + gate.bytes();
    }

    @Override
    public void close() {
        inputNormWeight.close();
        inputNormBias.close();
        qkv.close();
        output.close();
        postNormWeight.close();
        postNormBias.close();
        gate.close();
    }
}

package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import java.util.Arrays;
import java.util.List;

/**
 * One layer without its experts, on the device: q, k and v as one matrix; norms and the gate in fp32.
 *
 * @param inputNorm gain
 * @param inputBias of that norm
 * @param qkv       queries, keys and values
 * @param output    projection
 * @param postNorm  gain of the norm before the experts
 * @param postBias  of that norm
 * @param gate      {@code [experts, hidden]}
 */
record RouterLayerWeights(
        DeviceBlock inputNorm,
        DeviceBlock inputBias,
        RouterMatrix qkv,
        RouterMatrix output,
        DeviceBlock postNorm,
        DeviceBlock postBias,
        DeviceBlock gate) {
    static RouterLayerWeights load(
            final RouterMemory memory, final ModelConfig config, final Dtype dtype, final RouterWeights.Layer layer) {
        final int hidden = config.hiddenSize();
        CudaExpertKernel.requireShape(layer.q(), config.queryWidth(), hidden);
        CudaExpertKernel.requireShape(layer.k(), config.kvWidth(), hidden);
        CudaExpertKernel.requireShape(layer.v(), config.kvWidth(), hidden);
        CudaExpertKernel.requireShape(layer.o(), hidden, config.queryWidth());
        return new RouterLayerWeights(
                memory.tensor(layer.inputNormWeight(), Dtype.F32, hidden),
                memory.tensor(layer.inputNormBias(), Dtype.F32, hidden),
                new RouterMatrix(
                        memory,
                        dtype,
                        hidden,
                        List.of(layer.q(), layer.k(), layer.v()),
                        Arrays.asList(layer.qBias(), layer.kBias(), layer.vBias())),
                new RouterMatrix(memory, dtype, config.queryWidth(), List.of(layer.o()), Arrays.asList(layer.oBias())),
                memory.tensor(layer.postNormWeight(), Dtype.F32, hidden),
                memory.tensor(layer.postNormBias(), Dtype.F32, hidden),
                memory.tensor(layer.gate(), Dtype.F32, config.expertCount(), hidden));
    }

    long bytes() {
        return inputNorm.bytes()
                + inputBias.bytes()
                + qkv.bytes()
                + output.bytes()
                + postNorm.bytes()
                + postBias.bytes()
                + gate.bytes();
    }
}

package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The KV cache keeps to the memory it was given, whatever the kernels keep in it. */
class EngineConfigTest {
    private static final long KV_BYTES = 20_000;

    private final ModelConfig model = GoldenModel.config();
    private final Kernels kernels = new ReferenceKernels();

    @ParameterizedTest
    @EnumSource
    void shouldFillItsMemoryAndNotPassIt(final Precision precision) {
        final EngineConfig config = EngineRig.config(Map.of("kv.bytes", KV_BYTES));

        final KvLayout layout = config.kvLayout(model, precision, kernels);

        final long blockBytes = kernels.kvBlockBytes(model, precision, layout.tokensPerBlock());
        assertThat(layout.blockCount() * blockBytes).isBetween(KV_BYTES - blockBytes + 1, KV_BYTES);
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeNoMoreThanAllLanesCanUse(final Precision precision) {
        final EngineConfig config = EngineRig.config(Map.of("kv.bytes", 1L << 30, "lanes", 2));

        final KvLayout layout = config.kvLayout(model, precision, kernels);

        assertThat(layout.blockCount())
                .isEqualTo(2 * 8 * Math.ceilDiv(config.contextTokens(model), layout.tokensPerBlock()));
    }

    @ParameterizedTest
    @EnumSource
    void shouldNameTheSettingWhenNotOneBlockFits(final Precision precision) {
        final EngineConfig config = EngineRig.config(Map.of("kv.bytes", 100L));

        assertThatThrownBy(() -> config.kvLayout(model, precision, kernels))
                .hasMessageContaining("kv.bytes = 100")
                .hasMessageContaining(Long.toString(kernels.kvBlockBytes(model, precision, 4)));
    }
}

package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cache's size is planned with is what it takes, though kernels differ in precision and padding. */
class KvBlockBytesTest {
    private static final int BLOCKS = 6;

    @ParameterizedTest
    @EnumSource
    void shouldTakeWhatWasPlannedForEveryKernelAndShape(final Precision precision) {
        for (final int headDim : List.of(8, 32, 50)) {
            final ModelConfig config = RandomWeights.config(50, 4 * headDim, 48, 2, 4, 2, headDim, 4, null);
            final RandomWeights weights = new RandomWeights(config, Dtype.BF16, 9);
            try (Kernels oneDnn = new OneDnnKernels(1);
                    Kernels reference = new ReferenceKernels()) {
                for (final int tokensPerBlock : List.of(1, 4, 16, 64)) {
                    check(oneDnn, weights, precision, tokensPerBlock);
                    check(reference, weights, precision, tokensPerBlock);
                }
            }
        }
    }

    private static void check(
            final Kernels kernels, final RandomWeights weights, final Precision precision, final int tokensPerBlock) {
        final ModelConfig config = weights.config();
        try (RouterKernel router =
                kernels.loadRouter(config, precision, weights.router(), new KvLayout(BLOCKS, tokensPerBlock), 16)) {
            assertThat(router.kvBytes())
                    .as("%s, %s, blocks of %d, heads of %d", kernels, precision, tokensPerBlock, config.headDim())
                    .isEqualTo(BLOCKS * kernels.kvBlockBytes(config, precision, tokensPerBlock));
        }
    }
}

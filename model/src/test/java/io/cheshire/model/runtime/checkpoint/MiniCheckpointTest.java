package io.cheshire.model.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.testing.ModelPaths;
import org.junit.jupiter.api.Test;

class MiniCheckpointTest {
    @Test
    void shouldOpenThePublishedMiniModelAndVerifyItsManifest() {
        try (Checkpoint checkpoint = Checkpoint.open(
                ModelPaths.cheshireMini(),
                CheckpointOptions.DEFAULT.withManifest(CheckpointOptions.ManifestPolicy.REQUIRE))) {
            assertThat(checkpoint.layout()).isEqualTo(CheckpointLayout.HUB);
            assertThat(checkpoint.config().expertCount()).isEqualTo(16);
            assertThat(checkpoint.config().attentionBias()).isTrue();
            assertThat(checkpoint.config().ropeScaling()).isNull();
            assertThat(checkpoint.routerWeights().layers()).hasSize(4);
            assertThat(checkpoint.unit(new ExpertKey(3, 15)).w2().shape()).containsExactly(192L, 224L);
            assertThat(checkpoint.unit(new ExpertKey(3, 15)).w2().dtype()).isEqualTo(Dtype.BF16);
            assertThat(checkpoint.fingerprint()).matches("[0-9a-f]{64}");
        }
    }
}

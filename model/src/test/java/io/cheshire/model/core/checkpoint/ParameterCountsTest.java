package io.cheshire.model.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The oracle is the table of docs/model.md §2.2, whose totals agree with the published "41.9B / 6.6B". */
class ParameterCountsTest {
    static final ModelConfig PHI_3_5_MOE = phi(32, 8, 128, 6400);

    private static ModelConfig phi(final int heads, final int kvHeads, final int headDim, final int ffn) {
        return new ModelConfig(
                "phimoe",
                32064,
                4096,
                ffn,
                32,
                heads,
                kvHeads,
                headDim,
                16,
                2,
                1e-5,
                0.01,
                true,
                true,
                10000.0,
                null,
                131072,
                null,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(32000),
                null);
    }

    @Test
    void shouldCountPhi35MoeExactly() {
        final ParameterCounts counts = ParameterCounts.of(PHI_3_5_MOE);

        assertThat(counts.total()).isEqualTo(41_873_153_344L);
        assertThat(counts.experts()).isEqualTo(40_265_318_400L);
        assertThat(counts.unit()).isEqualTo(78_643_200L);
        assertThat(counts.expert()).isEqualTo(2_516_582_400L);
        assertThat(counts.router()).isEqualTo(1_607_834_944L);
        assertThat(counts.active()).isEqualTo(6_640_999_744L);
        assertThat(counts.activeWithoutEmbedding()).isEqualTo(6_509_665_600L);
    }

    @Test
    void shouldCountASiblingWhoseHeadsAreNarrowerThanItsHiddenSize() {
        assertThat(ParameterCounts.of(phi(16, 4, 128, 448)).total()).isEqualTo(3_755_220_288L);
    }

    @Test
    void shouldWeighPhi35MoeExactlyAndFitItOnSixteenNodes() {
        final List<TensorEntry> tensors = entries(CheckpointLayout.HUB);
        final CheckpointReport report = new CheckpointReport(
                "phi",
                PHI_3_5_MOE,
                ParameterCounts.of(PHI_3_5_MOE),
                CheckpointReport.weigh(PHI_3_5_MOE, tensors),
                List.of());

        assertThat(report.weights())
                .isEqualTo(new CheckpointReport.Weights(
                        CheckpointLayout.HUB,
                        List.of("BF16"),
                        1957,
                        83_746_306_688L,
                        80_530_636_800L,
                        3_215_669_888L,
                        157_286_400L,
                        5_033_164_800L,
                        131_072L));
        assertThat(report.fit(16)).isEqualTo(new CheckpointReport.Fit(16, 1, 1, 5_033_164_800L, 3_215_669_888L));
        assertThat(report.fit(3)).isEqualTo(new CheckpointReport.Fit(3, 5, 6, 6 * 5_033_164_800L, 3_215_669_888L));
        assertThat(report.fit(20).minExperts()).isZero();
        assertThat(CheckpointReport.kvBytesPerToken(PHI_3_5_MOE, Float.BYTES)).isEqualTo(262_144L);
    }

    @Test
    void shouldWeighBothLayoutsAlike() {
        final CheckpointReport.Weights hub = CheckpointReport.weigh(PHI_3_5_MOE, entries(CheckpointLayout.HUB));
        final CheckpointReport.Weights fused = CheckpointReport.weigh(PHI_3_5_MOE, entries(CheckpointLayout.FUSED));

        assertThat(fused.layout()).isEqualTo(CheckpointLayout.FUSED);
        assertThat(fused.expertsBytes()).isEqualTo(hub.expertsBytes());
        assertThat(fused.routerBytes()).isEqualTo(hub.routerBytes());
    }

    @Test
    void shouldCutPhi35MoeIntoSeventeenShardsOfFiveGigabytes() {
        final ShardPlan plan =
                ShardPlan.of(ExpectedTensors.of(PHI_3_5_MOE, CheckpointLayout.HUB), Dtype.BF16, 5_000_000_000L);

        assertThat(plan.shards()).hasSize(17);
        assertThat(plan.shards().getFirst().fileName()).isEqualTo("model-00001-of-00017.safetensors");
        assertThat(plan.dataBytes()).isEqualTo(83_746_306_688L);
    }

    @Test
    void shouldSayInWordsWhatTheModelIs() {
        final CheckpointReport report = new CheckpointReport(
                "phi",
                PHI_3_5_MOE,
                ParameterCounts.of(PHI_3_5_MOE),
                CheckpointReport.weigh(PHI_3_5_MOE, entries(CheckpointLayout.HUB)),
                List.of());

        assertThat(report.toText(16))
                .contains("41,873,153,344 in all, 6,640,999,744 active per token")
                .contains("77.99 GiB in 1,957 tensors, BF16, hub layout")
                .contains("on 16 nodes  1 expert each, at most 4.69 GiB")
                .contains("128.00 KiB per token in bf16, 16.00 GiB for the longest sequence")
                .contains("GPU, bf16")
                .contains("device 75.14 GiB on 1, 18.89 GiB on 4, 4.83 GiB on 16 nodes each; one unit 150.00 MiB; of it"
                        + " rows 41.00 MiB, loading 100.00 MiB; host, pinned 56.00 MiB")
                .contains("GPU, fp32")
                .contains("problems     none");
    }

    @Test
    void shouldListProblemsWithoutAConfig() {
        assertThat(new CheckpointReport("x", null, null, null, List.of("one", "two")).toText(16))
                .isEqualTo("x\n  problems     2, so it cannot be served\n    - one\n    - two\n");
    }

    private static List<TensorEntry> entries(final CheckpointLayout layout) {
        return ShardPlan.of(ExpectedTensors.of(PHI_3_5_MOE, layout), Dtype.BF16, Long.MAX_VALUE).shards().stream()
                .map(ShardPlan.Shard::tensors)
                .findFirst()
                .orElse(Collections.emptyList());
    }
}

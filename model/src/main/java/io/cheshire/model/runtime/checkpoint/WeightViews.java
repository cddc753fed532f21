package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.QuantisedTensors;
import io.cheshire.model.core.checkpoint.TensorNames;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Cuts mapped files into the views that kernels load from. The layout was checked before, so every tensor is there. */
final class WeightViews {
    private final ModelConfig config;
    private final CheckpointLayout layout;
    private final @Nullable Quantisation stored;
    private final TensorFiles files;
    private final ScanGuard guard;

    WeightViews(
            final ModelConfig config,
            final CheckpointLayout layout,
            final @Nullable Quantisation stored,
            final TensorFiles files,
            final ScanGuard guard) {
        this.stored = stored;
        this.config = config;
        this.layout = layout;
        this.files = files;
        this.guard = guard;
    }

    RouterWeights router() {
        final RouterWeights weights = routerViews();
        guard.checkRouter(weights);
        return weights;
    }

    DigestedRouter digestedRouter() {
        final RouterWeights weights = routerViews();
        return new DigestedRouter(weights, guard.digestRouter(weights));
    }

    private RouterWeights routerViews() {
        final TensorView embedding = view(TensorNames.EMBEDDING);
        final List<RouterWeights.Layer> layers = new ArrayList<>(config.layerCount());
        for (int layer = 0; layer < config.layerCount(); layer++) {
            layers.add(layer(layer));
        }
        return new RouterWeights(
                embedding,
                layers,
                view(TensorNames.NORM_WEIGHT),
                view(TensorNames.NORM_BIAS),
                config.tieWordEmbeddings() ? embedding : view(head()),
                config.lmHeadBias() ? view(TensorNames.LM_HEAD_BIAS) : null);
    }

    private String head() {
        return config.scoreHead() == null ? TensorNames.LM_HEAD : TensorNames.SCORE;
    }

    private RouterWeights.Layer layer(final int layer) {
        return new RouterWeights.Layer(
                view(TensorNames.layer(layer, "input_layernorm.weight")),
                view(TensorNames.layer(layer, "input_layernorm.bias")),
                view(TensorNames.layer(layer, "self_attn.q_proj.weight")),
                attentionBias(layer, "q_proj"),
                view(TensorNames.layer(layer, "self_attn.k_proj.weight")),
                attentionBias(layer, "k_proj"),
                view(TensorNames.layer(layer, "self_attn.v_proj.weight")),
                attentionBias(layer, "v_proj"),
                view(TensorNames.layer(layer, "self_attn.o_proj.weight")),
                attentionBias(layer, "o_proj"),
                view(TensorNames.layer(layer, "post_attention_layernorm.weight")),
                view(TensorNames.layer(layer, "post_attention_layernorm.bias")),
                view(TensorNames.gate(layout, layer)));
    }

    private @Nullable TensorView attentionBias(final int layer, final String projection) {
        return config.attentionBias() ? view(TensorNames.layer(layer, "self_attn." + projection + ".bias")) : null;
    }

    UnitWeights unit(final ExpertKey key) {
        final UnitWeights weights = unitViews(key);
        guard.checkUnit(weights);
        return weights;
    }

    DigestedUnit digestedUnit(final ExpertKey key) {
        final UnitWeights weights = unitViews(key);
        return new DigestedUnit(weights, guard.digestUnit(weights));
    }

    private UnitWeights unitViews(final ExpertKey key) {
        if (key.layer() >= config.layerCount() || key.expert() >= config.expertCount()) {
            throw new IllegalArgumentException("the model has " + config.layerCount() + " layers of "
                    + config.expertCount() + " experts; there is no unit " + key);
        }
        return switch (layout) {
            case HUB ->
                new UnitWeights(
                        key,
                        view(TensorNames.expert(key.layer(), key.expert(), "w1")),
                        view(TensorNames.expert(key.layer(), key.expert(), "w2")),
                        view(TensorNames.expert(key.layer(), key.expert(), "w3")));
            case FUSED -> fusedUnit(key);
        };
    }

    /** w1 is rows {@code 0..F-1} of the expert's gate_up matrix, w3 rows {@code F..2F-1} (docs/model.md §2.3). */
    private UnitWeights fusedUnit(final ExpertKey key) {
        final long ffn = config.ffnSize();
        final long hidden = config.hiddenSize();
        final TensorView gateUp = view(TensorNames.gateUp(key.layer()));
        final TensorView down = view(TensorNames.down(key.layer()));
        final long expert = key.expert();
        return new UnitWeights(
                key,
                slice(gateUp, expert * 2 * ffn, ffn, hidden),
                slice(down, expert * hidden, hidden, ffn),
                slice(gateUp, (expert * 2 + 1) * ffn, ffn, hidden));
    }

    private static TensorView slice(final TensorView stack, final long firstRow, final long rows, final long columns) {
        final long rowBytes = Math.multiplyExact(columns, stack.dtype().bytes());
        return new TensorView(
                stack.name(),
                stack.dtype(),
                List.of(rows, columns),
                stack.data().asSlice(Math.multiplyExact(firstRow, rowBytes), Math.multiplyExact(rows, rowBytes)));
    }

    List<TensorView> all() {
        return files.files().stream()
                .flatMap(file -> file.header().tensors().stream())
                .map(entry -> view(entry.name()))
                .toList();
    }

    private TensorView view(final String name) {
        final TensorEntry entry = Objects.requireNonNull(files.entries().get(name), name);
        final Quantisation how = stored == null ? null : QuantisedTensors.how(name, stored);
        if (how != null) {
            final TensorView scales = view(QuantisedTensors.scales(name));
            return new TensorView(
                    name,
                    QuantisedTensors.dtype(how),
                    entry.shape(),
                    files.data(name),
                    new TensorView.Groups(how, scales));
        }
        final Dtype dtype = Objects.requireNonNull(entry.dtype().weightDtype(), name);
        return new TensorView(name, dtype, entry.shape(), files.data(name));
    }
}

package io.cheshire.model.runtime.compare;

import io.cheshire.model.core.compare.Divergence;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Holds a precision against another one on a text: whole, and with one kind of tensor, or one layer's experts, in it
 * and all else in the other. One model is loaded at a time; the reference's logits are kept.
 */
public final class PrecisionComparison {
    private static final String ALL = "all";

    private final Kernels kernels;
    private final Checkpoint checkpoint;
    private final Precision reference;
    private final List<int[]> windows;
    private final int window;
    private final float[][][] expected;

    /**
     * Computes the reference.
     *
     * @param tokens of the text; at least two
     * @param window tokens that are read as one sequence; the next begins anew
     */
    public PrecisionComparison(
            final Kernels kernels,
            final Checkpoint checkpoint,
            final Precision reference,
            final int[] tokens,
            final int window) {
        checkpoint.require(reference);
        if (checkpoint.config().scoreHead() != null) {
            throw new IllegalArgumentException(checkpoint.directory()
                    + " has a classification head: it predicts nothing of a text; compare a language model");
        }
        this.kernels = kernels;
        this.checkpoint = checkpoint;
        this.reference = reference;
        this.window = window;
        this.windows = cut(tokens, window);
        this.expected = logits(reference, key -> reference);
    }

    /** Pieces of which each predicts at least one token. */
    private static List<int[]> cut(final int[] tokens, final int window) {
        final List<int[]> pieces = new ArrayList<>();
        for (int from = 0; from + 1 < tokens.length; from += window) {
            pieces.add(Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + window)));
        }
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("the text has fewer than two tokens: nothing of it can be predicted");
        }
        return pieces;
    }

    /**
     * Results by what is computed in {@code other}: {@code all}, then {@code experts}, {@code projections and head},
     * and {@code layer N experts} for each layer.
     *
     * @param byLayer whether single layers are compared, too: a run each
     */
    public Map<String, Divergence.Result> of(final Precision other, final boolean byLayer) {
        final Map<String, Divergence.Result> results = new LinkedHashMap<>();
        results.put(ALL, compare(other, key -> other));
        // Rows of one format go from either half to the other's.
        if (other.rowDtype() == reference.rowDtype()) {
            results.put("experts", compare(reference, key -> other));
            results.put("projections and head", compare(other, key -> reference));
            for (int layer = 0; byLayer && layer < checkpoint.config().layerCount(); layer++) {
                final int only = layer;
                results.put(
                        "layer " + layer + " experts",
                        compare(reference, key -> key.layer() == only ? other : reference));
            }
        }
        return results;
    }

    private Divergence.Result compare(final Precision routers, final Function<ExpertKey, Precision> ofExpert) {
        final float[][][] found = logits(routers, ofExpert);
        final Divergence divergence = new Divergence();
        for (int w = 0; w < windows.size(); w++) {
            final int[] tokens = windows.get(w);
            for (int i = 0; i + 1 < tokens.length; i++) {
                divergence.add(expected[w][i].clone(), found[w][i], tokens[i + 1]);
            }
        }
        return divergence.result();
    }

    private float[][][] logits(final Precision routers, final Function<ExpertKey, Precision> ofExpert) {
        try (ForcedPass model = new ForcedPass(kernels, checkpoint, routers, ofExpert, window)) {
            return windows.stream().map(model::logits).toArray(float[][][]::new);
        }
    }
}

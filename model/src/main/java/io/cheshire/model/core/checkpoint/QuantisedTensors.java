package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.protocol.safetensors.StoredDtype;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors of a quantised checkpoint are quantised, and how they are stored (docs/model.md §2.6): the integers
 * under the matrix's own name, the scales beside it.
 */
public final class QuantisedTensors {
    private static final Pattern PROJECTION = Pattern.compile(".*\\.self_attn\\.[qkvo]_proj\\.weight");
    private static final Pattern EXPERT = Pattern.compile(".*\\.block_sparse_moe\\.experts\\.\\d+\\.w[123]\\.weight");
    private static final String SCALES = "_scale";

    private QuantisedTensors() {}

    /**
     * How a tensor is quantised.
     *
     * @param experts how experts are
     * @return null for a tensor that stays as it is
     */
    public static @Nullable Quantisation how(final String name, final Quantisation experts) {
        if (EXPERT.matcher(name).matches()) {
            return experts;
        }
        return name.equals(TensorNames.LM_HEAD) || PROJECTION.matcher(name).matches() ? experts.inEightBits() : null;
    }

    /** Name of a matrix's scales. */
    public static String scales(final String name) {
        return name + SCALES;
    }

    /** Name of the matrix whose scales have a name. */
    public static String matrix(final String scales) {
        return scales.substring(0, scales.length() - SCALES.length());
    }

    /** Format of integers. */
    public static Dtype dtype(final Quantisation how) {
        return how.bits() == Byte.SIZE ? Dtype.I8 : Dtype.I4X2;
    }

    /** The tensors of a checkpoint in the hub layout, as they are when it is quantised. */
    public static List<TensorSpec> of(final List<TensorSpec> tensors, final Quantisation experts) {
        final List<TensorSpec> stored = new ArrayList<>();
        for (final TensorSpec tensor : tensors) {
            final Quantisation how = how(tensor.name(), experts);
            if (how == null) {
                stored.add(tensor);
                continue;
            }
            final long outputs = tensor.shape().getFirst();
            final int inputs = Math.toIntExact(tensor.shape().getLast());
            final long width = how.bits() == Byte.SIZE ? inputs : Math.ceilDiv(inputs, 2);
            stored.add(new TensorSpec(tensor.name(), List.of(outputs, width), tensor.part()));
            stored.add(
                    new TensorSpec(scales(tensor.name()), List.of(outputs, (long) how.groups(inputs)), tensor.part()));
        }
        return stored;
    }

    /** What is wrong with a tensor's format, in words that follow its name; null if nothing. */
    static @Nullable String wrongDtype(
            final String name, final StoredDtype found, final @Nullable Quantisation experts) {
        final Quantisation how = experts == null ? null : how(name, experts);
        if (how != null) {
            final StoredDtype wanted = StoredDtype.of(dtype(how));
            return found == wanted ? null : "is " + found + "; its integers must be " + wanted;
        }
        if (experts != null && name.endsWith(".weight" + SCALES)) {
            return found == StoredDtype.BF16 ? null : "is " + found + "; scales must be BF16";
        }
        return found.weightDtype() == null ? "is " + found + "; weights must be BF16, F16 or F32" : null;
    }
}

package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What tells weights apart, whole: SHA-256 over one line a tensor, which says its role, dtype, shape and the SHA-256 of
 * its bytes as stored. A tensor's role is its place in the model and not its name in a file, so the digest is the same
 * for every layout and however the files are cut, and {@code sha256sum} over a slice of a file gives the parts of it.
 */
public final class WeightDigest {
    private final MessageDigest digest = FileHashes.sha256();
    private final Function<TensorView, String> sha256;

    private WeightDigest(final String first, final Function<TensorView, String> sha256) {
        this.sha256 = sha256;
        line(first);
    }

    /** Of a unit, in 64 hexadecimal digits. Reads all of it. */
    public static String ofUnit(final UnitWeights unit) {
        return ofUnit(unit, tensor -> TensorPass.over(tensor, false).sha256());
    }

    /** @param sha256 gives that of a tensor's bytes */
    static String ofUnit(final UnitWeights unit, final Function<TensorView, String> sha256) {
        final ExpertKey key = unit.key();
        final WeightDigest unitDigest =
                new WeightDigest("cheshire-unit 1 layer " + key.layer() + " expert " + key.expert(), sha256);
        unitDigest.add("w1", unit.w1());
        unitDigest.add("w2", unit.w2());
        unitDigest.add("w3", unit.w3());
        return unitDigest.hex();
    }

    /** Of everything that is not an expert, likewise. */
    static String ofRouter(final RouterWeights router, final Function<TensorView, String> sha256) {
        final WeightDigest routerDigest = new WeightDigest("cheshire-router 1", sha256);
        routerDigest.add("embedding", router.embedding());
        routerDigest.add("norm.weight", router.normWeight());
        routerDigest.add("norm.bias", router.normBias());
        if (router.lmHead().equals(router.embedding())) {
            routerDigest.line("lm_head is the embedding");
        } else {
            routerDigest.add("lm_head", router.lmHead());
        }
        routerDigest.add("lm_head.bias", router.lmHeadBias());
        for (int i = 0; i < router.layers().size(); i++) {
            routerDigest.add("layer " + i + " ", router.layers().get(i));
        }
        return routerDigest.hex();
    }

    private void add(final String of, final RouterWeights.Layer layer) {
        add(of + "input_norm.weight", layer.inputNormWeight());
        add(of + "input_norm.bias", layer.inputNormBias());
        add(of + "q", layer.q());
        add(of + "q.bias", layer.qBias());
        add(of + "k", layer.k());
        add(of + "k.bias", layer.kBias());
        add(of + "v", layer.v());
        add(of + "v.bias", layer.vBias());
        add(of + "o", layer.o());
        add(of + "o.bias", layer.oBias());
        add(of + "post_norm.weight", layer.postNormWeight());
        add(of + "post_norm.bias", layer.postNormBias());
        add(of + "gate", layer.gate());
    }

    private void add(final String role, final @Nullable TensorView tensor) {
        line(
                tensor == null
                        ? role + " none"
                        : role + " " + tensor.dtype() + " " + tensor.shape() + " " + sha256.apply(tensor));
        if (tensor != null && tensor.groups() != null) {
            add(
                    role + ".scale of " + tensor.groups().how().group(),
                    tensor.groups().scales());
        }
    }

    private void line(final String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}

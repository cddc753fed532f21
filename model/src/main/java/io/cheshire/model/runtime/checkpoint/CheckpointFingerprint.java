package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;

/**
 * Fingerprints of a model. Both forms cover the config as the forward pass sees it
 * ({@link ModelConfigWriter#canonical}; keys that change nothing don't count), and each line of the digest's input is
 * one fact.
 */
final class CheckpointFingerprint {
    private static final int SAMPLES = 8;
    private static final int SAMPLE_BYTES = 4_096;

    private CheckpointFingerprint() {}

    /** Over file names and their SHA-256; a header is part of its file, so names and shapes are covered. */
    static String ofFiles(final ModelConfig config, final SortedMap<String, String> sha256Of) {
        final MessageDigest digest = begin("content", config);
        sha256Of.forEach((name, sha256) -> line(digest, name + " " + sha256));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Over names, dtypes, shapes and evenly spaced samples of every tensor, by name; not over how files are cut. */
    static String ofSamples(final ModelConfig config, final List<TensorView> tensors) {
        final MessageDigest digest = begin("sampled", config);
        tensors.stream().sorted(Comparator.comparing(TensorView::name)).forEach(tensor -> {
            line(digest, tensor.name() + " " + tensor.dtype() + " " + tensor.shape());
            addSamples(digest, tensor);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void addSamples(final MessageDigest digest, final TensorView tensor) {
        final long bytes = tensor.data().byteSize();
        if (bytes <= (long) SAMPLES * SAMPLE_BYTES) {
            digest.update(tensor.data().asByteBuffer());
            return;
        }
        for (int i = 0; i < SAMPLES; i++) {
            final long offset = (bytes - SAMPLE_BYTES) / (SAMPLES - 1) * i;
            digest.update(tensor.data().asSlice(offset, SAMPLE_BYTES).asByteBuffer());
        }
    }

    private static MessageDigest begin(final String mode, final ModelConfig config) {
        final MessageDigest digest = FileHashes.sha256();
        line(digest, "cheshire-fingerprint 1 " + mode);
        line(digest, ModelConfigWriter.canonical(config));
        return digest;
    }

    private static void line(final MessageDigest digest, final String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }
}

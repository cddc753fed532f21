package io.cheshire.ops.runtime.process;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.FingerprintMode;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoint that a process serves, opened and identified.
 *
 * @param name        what the API calls it
 * @param checkpoint  open; closed by whoever holds this
 * @param precision   how it is computed
 * @param fingerprint 64 hexadecimal digits, the same in every process of the cluster
 * @param mode        what the fingerprint was made of
 */
public record ServedModel(
        String name, Checkpoint checkpoint, Precision precision, String fingerprint, FingerprintMode mode)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);
    /**
     * Above this, where no manifest gives the hashes, hashing all content would cost every process of the cluster many
     * seconds at every start.
     */
    private static final long CONTENT_FINGERPRINT_UP_TO_BYTES = 1L << 30;

    /** Opens the checkpoint that the settings name. */
    public static ServedModel open(final ModelSettings settings, final Progress progress) {
        final CheckpointOptions options = CheckpointOptions.DEFAULT
                .withManifest(settings.manifest())
                .withScan(settings.weightScan())
                .withProgress(progress);
        final Checkpoint checkpoint = Checkpoint.open(settings.directory(), options);
        try {
            checkpoint.require(settings.precision());
            final FingerprintMode mode = fingerprintMode(settings, checkpoint);
            final String fingerprint = checkpoint.fingerprint(mode);
            LOG.info("the model's fingerprint is {}: {}", fingerprint, meaning(mode, checkpoint, options));
            return new ServedModel(settings.name(), checkpoint, settings.precision(), fingerprint, mode);
        } catch (final RuntimeException failure) {
            checkpoint.close();
            throw failure;
        }
    }

    private static FingerprintMode fingerprintMode(final ModelSettings settings, final Checkpoint checkpoint) {
        if (settings.fingerprint() != null) {
            return settings.fingerprint();
        }
        return checkpoint.knowsFileHashes() || checkpoint.fileBytes() <= CONTENT_FINGERPRINT_UP_TO_BYTES
                ? FingerprintMode.CONTENT
                : FingerprintMode.SAMPLED;
    }

    /** What it stands for, in words: no more than was looked at. */
    private static String meaning(
            final FingerprintMode mode, final Checkpoint checkpoint, final CheckpointOptions options) {
        return switch (mode) {
            case SAMPLED ->
                "sampled, eight pages of every tensor; all bytes are compared between members as weights are loaded";
            case CONTENT ->
                checkpoint.knowsFileHashes() && options.manifest() == ManifestPolicy.TRUST
                        ? "content as the manifest says, which was not checked; all bytes are compared between"
                                + " members as weights are loaded"
                        : "content, all bytes of all safetensors files";
        };
    }

    public ModelConfig config() {
        return checkpoint.config();
    }

    /**
     * What the data plane's handshake compares: the model, and what decides the last bits of its experts' results.
     * Processors whose kernels round differently are never replicas of each other; a router may compute with others.
     */
    public ModelIdentity identity(final Kernels kernels) {
        final Fingerprint files = Fingerprint.ofHex(fingerprint);
        final Map<Fingerprint, String> names = new HashMap<>();
        for (final Precision each : Precision.values()) {
            names.put(in(each, files, kernels), each.word());
        }
        return ModelIdentity.of(config(), precision, in(precision, files, kernels))
                .with(names);
    }

    /** The precision's word is in it, since the same library may compute several. */
    private static Fingerprint in(final Precision precision, final Fingerprint files, final Kernels kernels) {
        return files.with(precision.word() + ": " + kernels.expertNumerics(precision));
    }

    /** What decides the last bits of results in this precision. */
    String numerics(final Kernels kernels) {
        return kernels.numerics(precision);
    }

    /** What the control plane's members compare, and the units that it places. */
    public io.cheshire.coordinator.protocol.PlacedModel placedModel() {
        return new io.cheshire.coordinator.protocol.PlacedModel(
                fingerprint, config().layerCount(), config().expertCount());
    }

    /** Bytes that the weights of one unit take when computed in this precision. */
    public long unitBytes() {
        return precision.unitBytes(config());
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}

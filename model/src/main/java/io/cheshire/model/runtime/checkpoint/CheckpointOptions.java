package io.cheshire.model.runtime.checkpoint;

/**
 * How carefully a checkpoint is opened.
 *
 * @param manifest    what {@code manifest.sha256.json} is used for
 * @param fingerprint what the fingerprint covers
 * @param scan        what happens when weights that are loaded hold NaN or infinity, or a gate is all zero
 * @param progress    told while files are hashed
 */
public record CheckpointOptions(
        ManifestPolicy manifest, FingerprintMode fingerprint, ScanPolicy scan, Progress progress) {
    /** Verify a manifest where there is one, fingerprint all content, refuse broken weights. */
    public static final CheckpointOptions DEFAULT =
            new CheckpointOptions(ManifestPolicy.VERIFY, FingerprintMode.CONTENT, ScanPolicy.REFUSE, Progress.NONE);

    /** What a manifest is used for. */
    public enum ManifestPolicy {
        /** If there is one, every file it lists is hashed when the checkpoint is opened. */
        VERIFY,
        /** As {@link #VERIFY}, and a directory without one is refused. */
        REQUIRE,
        /** Its hashes are believed, so that nothing is read in full: for disks that something else guards. */
        TRUST
    }

    /** What a fingerprint covers. Every process of a cluster must use the same mode, or fingerprints never match. */
    public enum FingerprintMode {
        /**
         * The SHA-256 of every safetensors file: from the manifest where one was verified or trusted, else computed.
         */
        CONTENT,
        /**
         * Names, dtypes, shapes and eight pages of 4 KiB of every tensor: milliseconds for any size. Tells models
         * apart, fine-tunes included; does not notice a damaged file.
         */
        SAMPLED
    }

    /** What happens when the weights that are loaded are broken. Each tensor is scanned once, when first asked for. */
    public enum ScanPolicy {
        /** {@link io.cheshire.model.protocol.ModelException}. */
        REFUSE,
        /** A warning in the log. */
        WARN,
        /** Nothing is scanned. */
        OFF
    }

    /** These options with another manifest policy. */
    public CheckpointOptions withManifest(final ManifestPolicy policy) {
        return new CheckpointOptions(policy, fingerprint, scan, progress);
    }

    /** These options with another fingerprint mode. */
    public CheckpointOptions withFingerprint(final FingerprintMode mode) {
        return new CheckpointOptions(manifest, mode, scan, progress);
    }

    /** These options with another scan policy. */
    public CheckpointOptions withScan(final ScanPolicy policy) {
        return new CheckpointOptions(manifest, fingerprint, policy, progress);
    }

    /** These options with another listener. */
    public CheckpointOptions withProgress(final Progress listener) {
        return new CheckpointOptions(manifest, fingerprint, scan, listener);
    }
}

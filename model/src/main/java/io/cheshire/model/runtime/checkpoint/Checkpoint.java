package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.LayoutCheck;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigParser;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.protocol.StoredQuantisation;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An open checkpoint directory as published: {@code config.json} and safetensors files, in one piece or in shards, in
 * either layout. Every header and every tensor's name, shape and dtype was checked when it was opened; the weights
 * themselves are mapped and read when they are asked for, so a node that needs few of them pays for few.
 *
 * <p>Safe from any thread, {@link #close} apart: views handed out are dead afterwards.
 */
public final class Checkpoint implements AutoCloseable {
    private final ModelDirectory directory;
    private final CheckpointOptions options;
    private final Arena arena;
    private final ModelConfig config;
    private final @Nullable Quantisation stored;
    private final TensorFiles files;
    private final CheckpointLayout layout;
    private final FileHashes hashes;
    private final WeightViews views;
    private @Nullable String fingerprint;

    private Checkpoint(
            final ModelDirectory directory,
            final CheckpointOptions options,
            final Arena arena,
            final ModelConfig config,
            final TensorFiles files,
            final LayoutCheck check,
            final FileHashes hashes) {
        this.directory = directory;
        this.options = options;
        this.arena = arena;
        this.config = config;
        this.stored = check.stored();
        this.files = files;
        this.layout = check.layout();
        this.hashes = hashes;
        this.views =
                new WeightViews(config, layout, stored, files, new ScanGuard(options.scan(), directory.toString()));
    }

    /** Opens with {@link CheckpointOptions#DEFAULT}. */
    public static Checkpoint open(final Path directory) {
        return open(directory, CheckpointOptions.DEFAULT);
    }

    /**
     * Opens and checks a directory.
     *
     * @throws ModelException listing every problem found
     */
    @SuppressWarnings("MustBeClosedChecker") // the checkpoint owns the arena; a failure on the way closes it here
    public static Checkpoint open(final Path directory, final CheckpointOptions options) {
        final ModelDirectory models = ModelDirectory.open(directory, options.manifest());
        final ModelConfig config = readConfig(models);
        final Arena arena = Arena.ofShared();
        try {
            final TensorFiles files = TensorFiles.open(models, arena);
            final Quantisation stored =
                    StoredQuantisation.of(models.require(ModelFile.CONFIG), ModelFile.CONFIG.fileName());
            final LayoutCheck check = LayoutCheck.of(config, stored, files.entries());
            if (!check.problems().isEmpty()) {
                throw new ModelException(directory + " does not match its config.json", check.problems());
            }
            final FileHashes hashes = FileHashes.open(models, files, options);
            return new Checkpoint(models, options, arena, config, files, check, hashes);
        } catch (final RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Reads only the config of a model directory. */
    public static ModelConfig readConfig(final Path directory) {
        return readConfig(ModelDirectory.open(directory));
    }

    static ModelConfig readConfig(final ModelDirectory models) {
        return ModelConfigParser.parse(models.require(ModelFile.CONFIG), models + "/" + ModelFile.CONFIG.fileName());
    }

    /** How the experts are quantised on the disk; null where weights are numbers. */
    public @Nullable Quantisation quantised() {
        return stored;
    }

    /**
     * Refuses a precision that these weights can't be computed in.
     *
     * @throws ModelException naming the one to ask for
     */
    public void require(final Precision precision) {
        StoredQuantisation.demand(stored, precision, directory.toString());
    }

    /** The parsed {@code config.json}. */
    public ModelConfig config() {
        return config;
    }

    /** How the experts are stored. */
    public CheckpointLayout layout() {
        return layout;
    }

    /** Bytes of all safetensors files. */
    public long fileBytes() {
        return files.files().stream().mapToLong(file -> file.bytes().byteSize()).sum();
    }

    /** The directory, symbolic links resolved. */
    public Path directory() {
        return directory.path();
    }

    /** The gate through which its other files are read. */
    public ModelDirectory modelDirectory() {
        return directory;
    }

    /**
     * Everything that is not an expert, in place. The first call scans it.
     *
     * @throws ModelException if the scan refuses a tensor
     */
    public RouterWeights routerWeights() {
        return whileUnchanged(views::router);
    }

    /**
     * The three matrices of a unit, in place. The first call for a unit scans it.
     *
     * @throws ModelException           if the scan refuses a tensor
     * @throws IllegalArgumentException if the model has no such unit
     */
    public UnitWeights unit(final ExpertKey key) {
        return whileUnchanged(() -> views.unit(key));
    }

    /**
     * The same, and what it says: reads the unit whole at every call.
     *
     * @throws ModelException           as {@link #unit}
     * @throws IllegalArgumentException as {@link #unit}
     */
    public DigestedUnit digestedUnit(final ExpertKey key) {
        return whileUnchanged(() -> views.digestedUnit(key));
    }

    /**
     * Everything that is not an expert, in place, and what it says: reads it whole at every call, with a thread for
     * each core.
     *
     * @throws ModelException as {@link #routerWeights}
     */
    public DigestedRouter digestedRouter() {
        return whileUnchanged(views::digestedRouter);
    }

    /**
     * Reads weights, or copies what was handed out, and vouches for what was read: to be asked for whatever is kept of
     * a mapped file.
     *
     * @throws ModelException naming a file that was written to or cut off since this checkpoint was opened; then
     *     nothing of what was read is to be used
     */
    public <T> T whileUnchanged(final Supplier<T> reading) {
        files.requireUnchanged();
        final T read;
        try {
            read = reading.get();
        } catch (final InternalError beyondTheEnd) {
            // What the JVM makes of a page that its file doesn't have any more. Any other error of its own goes on.
            files.requireUnchanged();
            throw beyondTheEnd;
        }
        requireUnchanged();
        return read;
    }

    /**
     * For whoever can't read within {@link #whileUnchanged}: to be called afterwards.
     *
     * @throws ModelException as there
     */
    public void requireUnchanged() {
        files.requireUnchanged();
    }

    /** Every tensor as stored, in the order of the files. Nothing is scanned. */
    public List<TensorView> tensors() {
        return views.all();
    }

    /**
     * Identifies the model: 64 hexadecimal digits, the same in every process that opened the same files in the same
     * {@link CheckpointOptions.FingerprintMode}. The first call may read all files, at the speed of disk and hash.
     */
    public synchronized String fingerprint() {
        String known = fingerprint;
        if (known == null) {
            known = fingerprint(options.fingerprint());
            fingerprint = known;
        }
        return known;
    }

    /** Whether the SHA-256 of every file is known already, so that a fingerprint of their content costs nothing. */
    public boolean knowsFileHashes() {
        return hashes.areKnown();
    }

    /** The fingerprint in a given mode, computed anew. */
    public String fingerprint(final CheckpointOptions.FingerprintMode mode) {
        final String read = whileUnchanged(() -> switch (mode) {
            case CONTENT -> CheckpointFingerprint.ofFiles(config, hashes.ofTensorFiles());
            case SAMPLED -> CheckpointFingerprint.ofSamples(config, views.all());
        });
        files.requireInPlace(); // files are hashed by their names
        return read;
    }

    /** Unmaps the files. Nothing that was handed out may be read any more. */
    @Override
    public void close() {
        arena.close();
    }
}

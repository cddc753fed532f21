package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.DigestedUnit;
import io.cheshire.model.runtime.checkpoint.MappedPages;
import io.cheshire.model.runtime.device.DeviceJob;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The loading of one unit: the loader reads its weights, verifies and digests them, the device packs them and makes a
 * warm-up call, the node's thread takes the kernel. {@link #state} hands it on.
 */
final class UnitLoading implements DeviceJob {
    enum State {
        READING,
        READ,
        SUBMITTED,
        LOADED,
        FAILED
    }

    final ExpertKey key;
    /** Everybody who asked for it. */
    final List<CompletableFuture<HeldUnit>> outcomes = new ArrayList<>();

    final long estimatedBytes;
    volatile State state = State.READING;
    volatile @Nullable Throwable failure;
    private volatile @Nullable UnitWeights weights;
    private volatile @Nullable HeldUnit held;
    private volatile @Nullable ExpertKernel kernel;

    private String mustBeSha256 = "";

    private final ModelConfig config;
    private final Precision precision;
    private final Kernels kernels;
    private final int maxBatchRows;
    private final UnitSource source;

    UnitLoading(
            final ExpertKey key,
            final long estimatedBytes,
            final ModelConfig config,
            final Precision precision,
            final Kernels kernels,
            final int maxBatchRows,
            final UnitSource source) {
        this.key = key;
        this.estimatedBytes = estimatedBytes;
        this.config = config;
        this.precision = precision;
        this.kernels = kernels;
        this.maxBatchRows = maxBatchRows;
        this.source = source;
    }

    /** What the bytes must be; empty where that isn't known. On the node's thread. */
    void mustBe(final String sha256) {
        if (!sha256.isEmpty()) {
            mustBeSha256 = sha256;
        }
    }

    /** Whether what was read is what it must be. On the node's thread. */
    boolean isRight() {
        return mustBeSha256.isEmpty() || mustBeSha256.equals(held().sha256());
    }

    /** On the loader. */
    @SuppressWarnings("CatchingUnchecked") // whatever goes wrong while reading becomes the outcome of the load
    void read() {
        try {
            final DigestedUnit read = source.digested(key);
            weights = read.weights();
            held = new HeldUnit(key, read.sha256());
            state = State.READ;
        } catch (final RuntimeException | Error cause) {
            fail(cause);
        }
    }

    @Override
    public boolean begin() {
        final UnitWeights read = weights;
        if (read == null) {
            throw new IllegalStateException("weights of " + key + " were not read");
        }
        final ExpertKernel loaded = copy(read);
        try {
            source.requireUnchanged(key);
            warmUp(loaded);
        } catch (final RuntimeException | Error cause) {
            loaded.close();
            throw cause;
        }
        weights = null;
        MappedPages.drop(read);
        kernel = loaded;
        state = State.LOADED;
        return true;
    }

    private ExpertKernel copy(final UnitWeights read) {
        try {
            return kernels.loadExpert(config, precision, read, maxBatchRows);
        } catch (final InternalError cause) {
            // What the JVM makes of a page that its file doesn't have any more: the file's fault then, and not the
            // process's.
            source.requireUnchanged(key);
            throw cause;
        }
    }

    /** One row, so that the first request pays for nothing; and a unit that answers with NaN is found here. */
    private void warmUp(final ExpertKernel loaded) {
        final int hidden = config.hiddenSize();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment result = WarmUpRows.forward(loaded, hidden, 1, arena);
            for (int i = 0; i < hidden; i++) {
                if (!Float.isFinite(result.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
                    throw new IllegalStateException("layer " + key.layer() + " expert " + key.expert()
                            + " answers its warm-up row with " + result.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                            + " at element " + i + ": its weights are damaged");
                }
            }
        }
    }

    @Override
    public void failed(final Throwable cause) {
        fail(cause);
    }

    private void fail(final Throwable cause) {
        failure = cause;
        weights = null;
        state = State.FAILED;
    }

    /** What was read. Once {@link State#LOADED}. */
    HeldUnit held() {
        final HeldUnit read = held;
        if (read == null) {
            throw new IllegalStateException(key + " wasn't read");
        }
        return read;
    }

    /** Once {@link State#LOADED}. */
    ExpertKernel kernel() {
        final ExpertKernel loaded = kernel;
        if (loaded == null) {
            throw new IllegalStateException(key + " isn't loaded");
        }
        return loaded;
    }

    /**
     * Closes the kernel that nobody will take any more, if there is one. On the device, where the load, if it was
     * submitted, has ended by then.
     */
    void free() {
        final ExpertKernel loaded = kernel;
        if (loaded != null) {
            loaded.close();
        }
    }
}

package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.stream.DeviceStream;
import io.cheshire.model.runtime.cuda.stream.KernelArgs;
import io.cheshire.model.runtime.cuda.stream.StagingRing;
import io.cheshire.model.runtime.device.DeviceLostException;
import java.lang.foreign.Arena;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Experts and routers on a GPU. Every call waits for the GPU. Made and used by the device thread only.
 *
 * <p>A row has the same bits in every batch by construction: all kernels add in one order (docs/gpu.md).
 */
public final class CudaKernels implements Kernels {
    private final CudaDevice device;
    private final CudaConfig config;
    private final NanoClock clock = SystemNanoClock.INSTANCE;
    private final DeviceContext context;
    private final DeviceStream stream;
    private final StagingRing staging;
    private final Arena arena = Arena.ofShared();
    private final KernelArgs args = new KernelArgs(arena);
    private final SelfTest selfTest;
    private @Nullable ExpertBuffers buffers;
    private long nextTestNs;

    /**
     * Takes the device, compiles the kernels and tests them.
     *
     * @param device found before
     * @param config how it is used
     * @param onLost told once, on the device thread, when the device is lost; must not block
     */
    public CudaKernels(final CudaDevice device, final CudaConfig config, final Consumer<DeviceLostException> onLost) {
        this.device = device;
        this.config = config;
        context = new DeviceContext(device.driver(), device.handle(), onLost);
        stream = new DeviceStream(context, config.hangTimeoutNs(), clock);
        staging = new StagingRing(context, stream);
        selfTest = new SelfTest(this, device.tensorCore());
        nextTestNs = clock.nanoTime() + config.selfTestIntervalNs();
    }

    @Override
    public String description() {
        return device.description() + "; "
                + (selfTest.isAsPredicted() ? "bits as predicted" : "bits other than predicted (docs/gpu.md)");
    }

    /** Of a process that computes everything: its experts and what a router does. */
    @Override
    public String numerics(final Precision precision) {
        return expertNumerics(precision) + ", " + routerNumerics(precision);
    }

    @Override
    public String expertNumerics(final Precision precision) {
        return device.numerics();
    }

    @Override
    public String routerNumerics(final Precision precision) {
        return device.routerNumerics();
    }

    @Override
    public ExpertKernel loadExpert(
            final ModelConfig model, final Precision precision, final UnitWeights weights, final int maxRows) {
        requireKnown(precision);
        context.enter();
        return new CudaExpertKernel(this, model.hiddenSize(), model.ffnSize(), precision.rowDtype(), weights, maxRows);
    }

    @Override
    public RouterKernel loadRouter(
            final ModelConfig model,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        requireKnown(precision);
        context.enter();
        return CudaRouterKernel.load(this, model, precision.rowDtype(), weights, kv, maxRows);
    }

    @Override
    public long kvBlockBytes(final ModelConfig model, final Precision precision, final int tokensPerBlock) {
        return RouterCache.blockBytes(model, precision.rowDtype(), tokensPerBlock);
    }

    private static void requireKnown(final Precision precision) {
        if (precision != Precision.BF16 && precision != Precision.FP32) {
            throw new IllegalArgumentException("the kernels of GPUs compute in bf16 and fp32, not in "
                    + precision.word() + ": choose another precision, or cheshire.device.kernels = onednn");
        }
    }

    /** A device under load is tested again once the interval is over. */
    void testNowAndThen() {
        if (clock.nanoTime() - nextTestNs < 0) {
            return;
        }
        if (!selfTest.isStillRight()) {
            throw context.lose("self-test: the device gives other bits than at start; it corrupts results", null);
        }
        nextTestNs = clock.nanoTime() + config.selfTestIntervalNs();
    }

    /** Makes room for blocks of rows. */
    void reserve(final int rowCount, final int hidden, final int ffn, final Dtype dtype) {
        final ExpertBuffers old = buffers;
        if (old != null && old.hold(rowCount, hidden, ffn, dtype)) {
            return;
        }
        final ExpertBuffers wider = ExpertBuffers.of(context, rowCount, hidden, ffn, dtype);
        buffers = wider;
        if (old != null) {
            old.close();
        }
    }

    ExpertBuffers buffers() {
        final ExpertBuffers reserved = buffers;
        if (reserved == null) {
            throw new IllegalStateException("no expert was loaded");
        }
        return reserved;
    }

    DeviceContext context() {
        return context;
    }

    DeviceStream stream() {
        return stream;
    }

    StagingRing staging() {
        return staging;
    }

    /** An empty list of arguments, the same each time. */
    KernelArgs args() {
        return args.clear();
    }

    @Override
    public void close() {
        selfTest.close();
        if (buffers != null) {
            buffers.close();
        }
        staging.close();
        stream.close();
        context.close();
        arena.close();
    }
}

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
import io.cheshire.model.runtime.cuda.stream.KernelModule;
import io.cheshire.model.runtime.cuda.stream.StagingRing;
import io.cheshire.model.runtime.device.DeviceLostException;
import java.lang.foreign.Arena;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Experts and routers on a GPU. A bounded number of calls to experts is under way at once; routers and loads wait for
 * the GPU. Made and used by the device thread only.
 *
 * <p>A row has the same bits in every batch by construction: all kernels add in one order (docs/gpu.md).
 */
public final class CudaKernels implements Kernels {
    private final CudaDevice device;
    private final CudaConfig config;
    private final NanoClock clock = SystemNanoClock.INSTANCE;
    private final DeviceContext context;
    private final KernelModule module;
    /** Of loads and routers. */
    private final DeviceStream stream;

    private final StagingRing staging;
    private final Arena arena = Arena.ofShared();
    private final KernelArgs args = new KernelArgs(arena);
    private final ExpertCall[] calls;
    private final SelfTest selfTest;
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
        module = new KernelModule(context);
        stream = new DeviceStream(context, module, 0, config.hangTimeoutNs(), clock);
        staging = new StagingRing(context, stream);
        calls = new ExpertCall[config.callsInFlight()];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = newCall(this::testNowAndThen);
        }
        selfTest = new SelfTest(this, newCall(() -> {}), device.tensorCore());
        nextTestNs = clock.nanoTime() + config.selfTestIntervalNs();
    }

    @Override
    public String description() {
        return device.description() + "; "
                + (selfTest.isAsPredicted() ? "bits as predicted" : "bits other than predicted (docs/gpu.md)");
    }

    /** The GPU. */
    public CudaDevice device() {
        return device;
    }

    /** Whether it is lost: nobody is to ask it for anything. Any thread. */
    public boolean isLost() {
        return context.isLost();
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
        if (model.scoreHead() != null) {
            throw new IllegalArgumentException("the kernels of GPUs have no head that scores texts: let routers of a"
                    + " classifier compute on their processor (cheshire.device.router-kernels = onednn)");
        }
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

    private ExpertCall newCall(final Runnable proof) {
        return new ExpertCall(context, module, arena, config.hangTimeoutNs(), clock, proof);
    }

    /**
     * A device under load is tested again once the interval is over, before the results of a call are taken: where it
     * is tested after every call, nothing that it corrupts is answered.
     */
    void testNowAndThen() {
        if (clock.nanoTime() - nextTestNs < 0) {
            return;
        }
        if (!selfTest.isStillRight()) {
            throw context.lose("self-test: the device gives other bits than at start; it corrupts results", null);
        }
        nextTestNs = clock.nanoTime() + config.selfTestIntervalNs();
    }

    /** Makes room for blocks of rows in every place for a call; no call may be under way. */
    void reserve(final int rowCount, final int hidden, final int ffn, final Dtype dtype) {
        for (final ExpertCall call : calls) {
            call.reserve(rowCount, hidden, ffn, dtype);
        }
    }

    /** Waits until nothing is queued that reads or writes memory which is given back after a failure. */
    void settle() {
        if (!context.isLost()) {
            context.enter();
            stream.await(stream.ticket());
        }
    }

    /** A place for a call. */
    ExpertCall freeCall() {
        for (final ExpertCall call : calls) {
            if (call.isFree()) {
                return call;
            }
        }
        throw new IllegalStateException(calls.length
                + " calls are under way on the device, and no more may be (cheshire.device.jobs-in-flight)");
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
        endCalls();
        selfTest.close();
        staging.close();
        stream.close();
        module.close();
        context.close();
        arena.close();
    }

    /** A device that is lost meanwhile isn't asked for anything any more. */
    private void endCalls() {
        for (final ExpertCall call : calls) {
            try {
                call.close();
            } catch (final DeviceLostException lost) {
                return;
            }
        }
    }
}

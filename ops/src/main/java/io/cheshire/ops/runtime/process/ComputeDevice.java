package io.cheshire.ops.runtime.process;

import io.cheshire.model.core.calibration.CalibrationMatch;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.runtime.cuda.CudaKernels;
import io.cheshire.model.runtime.cuda.nvml.GpuReading;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.DeviceJob;
import io.cheshire.model.runtime.paced.Lateness;
import io.cheshire.model.runtime.paced.PacedKernels;
import io.cheshire.ops.core.KernelThreads;
import io.cheshire.ops.runtime.BuildInfo;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The device of this process: its executor, which an {@link AgentGroup} runs, and the kernels made for it. */
public final class ComputeDevice {
    private static final Logger LOG = LoggerFactory.getLogger(ComputeDevice.class);
    /** Most calls of a GPU for a few rows end within it. */
    private static final long WATCH_NS = TimeUnit.MICROSECONDS.toNanos(100);

    private final DeviceExecutor executor;
    private final Kernels kernels;
    private final @Nullable PacedKernels paced;
    private final long gpuBytes;
    private final @Nullable GpuWatch gpu;

    private ComputeDevice(
            final DeviceExecutor executor,
            final Kernels kernels,
            final @Nullable PacedKernels paced,
            final long gpuBytes,
            final @Nullable GpuWatch gpu) {
        this.executor = executor;
        this.kernels = kernels;
        this.paced = paced;
        this.gpuBytes = gpuBytes;
        this.gpu = gpu;
    }

    /**
     * Opens the device that the configuration names. Its executor is added to the group.
     *
     * @param config       which device, and how it is used
     * @param hosted       what is computed in this process
     * @param agents       runs the executor
     * @param instruments  wrap the kernels
     * @param loss         told when a GPU is lost
     */
    static ComputeDevice open(
            final DeviceConfig config,
            final Hosted hosted,
            final AgentGroup agents,
            final Instruments instruments,
            final DeviceLoss loss) {
        final KernelThreads threads = config.threads();
        LOG.atLevel(threads.isGuess() ? Level.WARN : Level.INFO)
                .log("a kernel call has {} threads: {}", threads.count(), threads.reason());
        LOG.info(
                "agents {}, with {} processors (cheshire.threads)",
                agents.sharing() == ThreadSharing.SHARED ? "take turns on one thread" : "have a thread each",
                Runtime.getRuntime().availableProcessors());
        final DeviceExecutor executor = new DeviceExecutor(
                "device",
                config.jobLimit(),
                config.cuda().callsInFlight(),
                config.burstNs(),
                WATCH_NS,
                SystemNanoClock.INSTANCE);
        agents.add(executor);
        // On the device's own thread: oneDNN's workers belong to the thread that first asks for them.
        final KernelChoice choice = call(executor, () -> KernelChoice.of(config, hosted, loss));
        LOG.info("kernels: {} ({})", choice.kernels().description(), choice.reason());
        final PacedKernels paced = choice.kernels() instanceof PacedKernels made ? made : null;
        if (paced != null) {
            tellOf(paced, config.pacedBy());
        }
        final CudaKernels gpu = choice.gpu();
        return new ComputeDevice(
                executor,
                instruments.kernels(choice.kernels()),
                paced,
                gpu == null ? 0 : gpu.device().totalBytes(),
                watch(gpu, config.gpuHealth()));
    }

    private static @Nullable GpuWatch watch(final @Nullable CudaKernels kernels, final GpuHealthConfig config) {
        return kernels == null || config.library().isEmpty()
                ? null
                : GpuWatch.start(config, kernels.device().uuid(), kernels::isLost);
    }

    private static void tellOf(final PacedKernels kernels, final String file) {
        LOG.warn(
                "NOTHING IS COMPUTED: kernels are paced by {}, answers mean nothing ({} = paced)",
                file,
                DeviceConfig.KERNELS);
        CalibrationMatch.warnings(kernels.calibration(), BuildInfo.own().commit(), HostMachine.name())
                .forEach(warning -> LOG.warn("{}: {}", file, warning));
    }

    /** Refuses a model whose shape or precision the calibration of paced kernels doesn't have. */
    void requireFit(final ServedModel model) {
        if (paced != null) {
            paced.requireFit(model.config(), model.precision());
        }
    }

    /** How late paced kernels were; null where kernels compute. */
    public @Nullable Lateness lateness() {
        return paced == null ? null : paced.lateness();
    }

    /** Memory of this process's GPU, all of it; 0 where it has none. */
    public long gpuBytes() {
        return gpuBytes;
    }

    /** Who looks at this process's GPU; null: nobody. */
    @Nullable
    GpuWatch gpu() {
        return gpu;
    }

    /** How this process's GPU is, in a few words; empty where there is none or nobody knows. */
    String health() {
        final GpuReading reading = gpu == null ? null : gpu.latest();
        return reading == null ? "" : reading.summary();
    }

    /** Frees the kernels; agents have ended. Of paced ones it is told whether the run was valid. */
    void close() {
        if (gpu != null) {
            gpu.close();
        }
        kernels.close();
        if (paced != null) {
            LOG.warn("{}", paced.lateness().summary());
        }
    }

    public DeviceExecutor executor() {
        return executor;
    }

    public Kernels kernels() {
        return kernels;
    }

    /** Runs work on the device's thread and waits for it. Not to be called from an agent. */
    public <T> T call(final Supplier<T> work) {
        return call(executor, work);
    }

    private static <T> T call(final DeviceExecutor executor, final Supplier<T> work) {
        final CompletableFuture<T> done = new CompletableFuture<>();
        final DeviceJob job = new DeviceJob() {
            @Override
            public boolean begin() {
                done.complete(work.get());
                return true;
            }

            @Override
            public void failed(final Throwable cause) {
                done.completeExceptionally(cause);
            }
        };
        if (!executor.submit(job)) {
            throw new IllegalStateException("the device's queue is full (cheshire.device.job-limit)");
        }
        try {
            return done.join();
        } catch (final java.util.concurrent.CompletionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failure;
        }
    }
}

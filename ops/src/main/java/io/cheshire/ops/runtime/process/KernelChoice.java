package io.cheshire.ops.runtime.process;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.runtime.cuda.CudaDevice;
import io.cheshire.model.runtime.cuda.CudaKernels;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.model.runtime.paced.PacedKernels;
import io.cheshire.ops.runtime.process.DeviceConfig.KernelKind;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whose kernels a process has.
 *
 * @param kernels made
 * @param gpu     those of them that compute on a GPU; null: none do
 * @param reason  why these, for people
 */
record KernelChoice(Kernels kernels, @Nullable CudaKernels gpu, String reason) {
    /**
     * Makes what the configuration asks for. On the device's thread: oneDNN's workers, and a GPU's context, belong to
     * it.
     *
     * @param hosted what is computed in this process; nothing else takes a GPU
     * @param loss   told of the loss of a GPU
     */
    static KernelChoice of(final DeviceConfig config, final Hosted hosted, final DeviceLoss loss) {
        return new Maker(config, hosted, loss).choice();
    }

    private KernelChoice with(final String expertNumerics, final String because) {
        return new KernelChoice(new ExpertsElsewhere(kernels, expertNumerics), gpu, reason + ", " + because);
    }

    /** The steps of one choice. */
    private record Maker(DeviceConfig config, Hosted hosted, DeviceLoss loss) {
        KernelChoice choice() {
            return switch (config.kernels()) {
                case ONEDNN, REFERENCE, CUDA ->
                    made(config.kernels(), word(config.kernels()) + ": cheshire.device.kernels");
                case PACED ->
                    new KernelChoice(
                            PacedKernels.by(Path.of(config.pacedBy())),
                            null,
                            "paced: cheshire.device.kernels; nothing is computed");
                case AUTO -> {
                    try {
                        yield made(KernelKind.CUDA, "cuda: there is a GPU");
                    } catch (final CudaException none) {
                        yield made(KernelKind.ONEDNN, "onednn: no GPU that can be used: " + none.getMessage());
                    }
                }
            };
        }

        /** With the router's kernels beside them, where those are to be others. */
        private KernelChoice made(final KernelKind kind, final String reason) {
            final KernelKind router = routerKind(kind);
            if (!hosted.router() || router == kind) {
                return elsewhere(alone(kind, reason), kind);
            }
            final String both = reason + ", routers " + word(router) + ": cheshire.device.router-kernels";
            if (kind == KernelKind.CUDA && !hosted.experts()) {
                // The GPU's experts are on other hosts: here it is only asked which they are.
                return elsewhere(alone(router, both), kind);
            }
            final Kernels experts = kernels(kind);
            try {
                final Kernels routers = kernels(router);
                final CudaKernels gpu = onGpu(experts) == null ? onGpu(routers) : onGpu(experts);
                return elsewhere(new KernelChoice(new RouterApart(routers, experts), gpu, both), kind);
            } catch (final RuntimeException failure) {
                experts.close();
                throw failure;
            }
        }

        private KernelChoice alone(final KernelKind kind, final String reason) {
            final Kernels all = kernels(kind);
            return new KernelChoice(all, onGpu(all), reason);
        }

        private static @Nullable CudaKernels onGpu(final Kernels kernels) {
            return kernels instanceof CudaKernels cuda ? cuda : null;
        }

        private KernelKind routerKind(final KernelKind kind) {
            return switch (config.routerKernels()) {
                case SAME -> kind;
                case CUDA -> KernelKind.CUDA;
                case ONEDNN -> KernelKind.ONEDNN;
                case REFERENCE -> KernelKind.REFERENCE;
            };
        }

        /** Names the experts' numerics where others compute them: as configured, or as this host's GPU has them. */
        private KernelChoice elsewhere(final KernelChoice own, final KernelKind kind) {
            if (!config.expertNumerics().isEmpty()) {
                return own.with(config.expertNumerics(), "experts elsewhere: cheshire.device.expert-numerics");
            }
            if (kind == KernelKind.CUDA && !hosted.experts()) {
                return own.with(CudaDevice.find(config.cuda()).numerics(), "for experts on other hosts");
            }
            return own;
        }

        private Kernels kernels(final KernelKind kind) {
            return switch (kind) {
                case ONEDNN -> new OneDnnKernels(config.threads().count(), config.bf16Matmul(), config.quantised());
                case REFERENCE -> new ReferenceKernels();
                case CUDA -> {
                    final CudaDevice device = CudaDevice.find(config.cuda());
                    loss.requireNoQuarantine(device.uuid());
                    yield new CudaKernels(device, config.cuda(), loss.of(device.uuid()));
                }
                case AUTO, PACED -> throw new IllegalStateException(kind + " is chosen before");
            };
        }

        private static String word(final KernelKind kind) {
            return kind.name().toLowerCase(Locale.ROOT);
        }
    }
}

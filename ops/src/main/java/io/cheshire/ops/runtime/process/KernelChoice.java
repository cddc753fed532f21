package io.cheshire.ops.runtime.process;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.runtime.cuda.CudaDevice;
import io.cheshire.model.runtime.cuda.CudaKernels;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.model.runtime.paced.PacedKernels;
import java.nio.file.Path;

/**
 * Whose kernels a process has.
 *
 * @param kernels made
 * @param reason  why these, for people
 */
record KernelChoice(Kernels kernels, String reason) {
    /**
     * Makes what the configuration asks for. On the device's thread: oneDNN's workers, and a GPU's context, belong to
     * it.
     *
     * @param hostsExperts whether experts are computed in this process; where not, a GPU is only looked at
     * @param loss         told of the loss of a GPU
     */
    static KernelChoice of(final DeviceConfig config, final boolean hostsExperts, final DeviceLoss loss) {
        return switch (config.kernels()) {
            case ONEDNN -> cpu(config, "onednn: cheshire.device.kernels");
            case REFERENCE ->
                elsewhere(config, new KernelChoice(new ReferenceKernels(), "reference: cheshire.device.kernels"));
            case PACED ->
                new KernelChoice(
                        PacedKernels.by(Path.of(config.pacedBy())),
                        "paced: cheshire.device.kernels; nothing is computed");
            case CUDA -> cuda(config, "cuda: cheshire.device.kernels", hostsExperts, loss);
            case AUTO -> {
                try {
                    yield cuda(config, "cuda: there is a GPU", hostsExperts, loss);
                } catch (final CudaException none) {
                    yield cpu(config, "onednn: no GPU that can be used: " + none.getMessage());
                }
            }
        };
    }

    private static KernelChoice cpu(final DeviceConfig config, final String reason) {
        return elsewhere(config, new KernelChoice(oneDnn(config), reason));
    }

    private static Kernels oneDnn(final DeviceConfig config) {
        return new OneDnnKernels(config.threads().count(), config.bf16Matmul(), config.quantised());
    }

    /** What the configuration says of the experts' kernels. */
    private static KernelChoice elsewhere(final DeviceConfig config, final KernelChoice own) {
        return config.expertNumerics().isEmpty()
                ? own
                : new KernelChoice(
                        new ExpertsElsewhere(own.kernels, config.expertNumerics()),
                        own.reason + ", experts elsewhere: cheshire.device.expert-numerics");
    }

    private static KernelChoice cuda(
            final DeviceConfig config, final String reason, final boolean hostsExperts, final DeviceLoss loss) {
        final CudaDevice device = CudaDevice.find(config.cuda());
        if (!hostsExperts) {
            return new KernelChoice(
                    new ExpertsElsewhere(oneDnn(config), device.numerics()), reason + ", for experts on other hosts");
        }
        loss.requireNoQuarantine(device.uuid());
        final Kernels router = oneDnn(config);
        try {
            return new KernelChoice(new CudaKernels(device, config.cuda(), router, loss.of(device.uuid())), reason);
        } catch (final RuntimeException failure) {
            router.close();
            throw failure;
        }
    }
}

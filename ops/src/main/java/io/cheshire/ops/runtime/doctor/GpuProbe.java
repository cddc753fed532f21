package io.cheshire.ops.runtime.doctor;

import io.cheshire.model.runtime.cuda.CudaDevice;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.cuda.nvml.GpuHealth;
import io.cheshire.model.runtime.cuda.nvml.Nvml;
import io.cheshire.model.runtime.cuda.nvml.NvmlException;
import io.cheshire.ops.core.doctor.HostFacts;
import io.cheshire.ops.core.doctor.HostFacts.GpuUse;
import io.cheshire.ops.runtime.process.DeviceConfig;
import java.util.List;

/** Looks for NVIDIA's processors by the driver that a node would open; nothing is allocated on them. */
final class GpuProbe {
    private GpuProbe() {}

    static HostFacts.Gpus find(final DeviceConfig config) {
        final GpuUse use = use(config);
        List<String> devices = List.of();
        try {
            final List<CudaDevice> found = CudaDevice.all(config.cuda().driverLibrary());
            final String library = config.gpuHealth().library();
            devices = found.stream()
                    .map(device -> device.description() + health(library, device.uuid()))
                    .toList();
            final String chosen = CudaDevice.among(found, config.cuda()).uuid();
            return new HostFacts.Gpus(null, chosen, devices, ailing(library, chosen), use);
        } catch (final CudaException unusable) {
            return new HostFacts.Gpus(unusable.getMessage(), "", devices, "", use);
        }
    }

    private static String health(final String library, final String uuid) {
        if (library.isEmpty()) {
            return "";
        }
        try (GpuHealth health = Nvml.open(library, uuid)) {
            return ": " + health.read().summary();
        } catch (final NvmlException unknown) {
            return ", health unknown (" + unknown.getMessage() + ")";
        }
    }

    private static String ailing(final String library, final String uuid) {
        if (library.isEmpty()) {
            return "";
        }
        try (GpuHealth health = Nvml.open(library, uuid)) {
            return health.read().ailing();
        } catch (final NvmlException unknown) {
            return "";
        }
    }

    private static GpuUse use(final DeviceConfig config) {
        if (config.routerKernels() == DeviceConfig.RouterKernelKind.CUDA) {
            return GpuUse.REQUIRED;
        }
        return switch (config.kernels()) {
            case CUDA -> GpuUse.REQUIRED;
            case AUTO -> GpuUse.WHERE_THERE_IS_ONE;
            case ONEDNN, PACED, REFERENCE -> GpuUse.NONE;
        };
    }
}

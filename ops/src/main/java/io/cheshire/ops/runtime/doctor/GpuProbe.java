package io.cheshire.ops.runtime.doctor;

import io.cheshire.model.runtime.cuda.CudaDevice;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.cuda.nvml.GpuHealth;
import io.cheshire.model.runtime.cuda.nvml.GpuReading;
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
            final List<Look> looks = found.stream()
                    .map(device -> Look.at(config.gpuHealth().library(), device))
                    .toList();
            devices = looks.stream().map(Look::words).toList();
            final CudaDevice chosen = CudaDevice.among(found, config.cuda());
            final String ailing = looks.get(found.indexOf(chosen)).ailing();
            return new HostFacts.Gpus(null, chosen.uuid(), devices, ailing, use);
        } catch (final CudaException unusable) {
            return new HostFacts.Gpus(unusable.getMessage(), "", devices, "", use);
        }
    }

    /** A device with its health, and what isn't as it should be; both as far as they are known. */
    private record Look(String words, String ailing) {
        static Look at(final String library, final CudaDevice device) {
            if (library.isEmpty()) {
                return new Look(device.description(), "");
            }
            try (GpuHealth health = Nvml.open(library, device.uuid())) {
                final GpuReading now = health.read();
                return new Look(device.description() + ": " + now.summary(), now.ailing());
            } catch (final NvmlException unknown) {
                return new Look(device.description() + ", health unknown (" + unknown.getMessage() + ")", "");
            }
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

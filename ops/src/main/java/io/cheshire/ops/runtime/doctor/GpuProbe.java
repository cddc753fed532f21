package io.cheshire.ops.runtime.doctor;

import io.cheshire.model.runtime.cuda.CudaDevice;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
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
            devices = found.stream().map(CudaDevice::description).toList();
            return new HostFacts.Gpus(
                    null, CudaDevice.among(found, config.cuda()).uuid(), devices, use);
        } catch (final CudaException unusable) {
            return new HostFacts.Gpus(unusable.getMessage(), "", devices, use);
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

package io.cheshire.model.runtime.cuda;

import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.model.testing.EmulatedCuda;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Kernels on an emulated GPU. */
final class EmulatedKernels {
    /** An emulated job takes milliseconds, and as many more as the machine is busy. */
    private static final long HANG_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(120);

    private static final int CALLS_IN_FLIGHT = 2;

    private EmulatedKernels() {}

    static CudaKernels open(final EmulatedCuda emulated) {
        return open(emulated, HANG_TIMEOUT_NS, TimeUnit.HOURS.toNanos(1), loss -> {});
    }

    static CudaKernels open(
            final EmulatedCuda emulated,
            final long hangTimeoutNs,
            final long selfTestIntervalNs,
            final Consumer<DeviceLostException> onLost) {
        final CudaConfig config =
                new CudaConfig(emulated.library().toString(), "0", hangTimeoutNs, selfTestIntervalNs, CALLS_IN_FLIGHT);
        return new CudaKernels(CudaDevice.find(config), config, onLost);
    }
}

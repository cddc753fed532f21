package io.cheshire.model.runtime.cuda;

import io.cheshire.model.runtime.cuda.ffi.CudaDriver;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A GPU as its driver tells of it; nothing is allocated on it yet.
 *
 * @param driver       opened
 * @param handle       the driver's
 * @param name         for people
 * @param uuid         {@code GPU-...}
 * @param architecture 90 for {@code sm_90}
 * @param totalBytes   of its memory
 */
public record CudaDevice(CudaDriver driver, int handle, String name, String uuid, int architecture, long totalBytes) {
    /** bf16 operands on tensor cores, and asynchronous copies to shared memory: Ampere and later. */
    public static final int OLDEST_ARCHITECTURE = 80;

    private static final int HOPPER = 90;
    private static final double GIB = 1L << 30;
    private static final String UUID_PREFIX = "GPU-";

    /**
     * Of the bits that our kernels give. To be raised with any change that gives others, so that nodes which would
     * answer one row differently don't pass for the same.
     */
    private static final int REVISION = 1;

    /** The same of what a router computes. */
    private static final int ROUTER_REVISION = 1;

    /**
     * Looks for the device that the configuration names.
     *
     * @throws CudaException there is no driver, no such device, or the device is too old
     */
    public static CudaDevice find(final CudaConfig config) {
        return among(all(config.driverLibrary()), config);
    }

    /**
     * The device that the configuration names, among all of its driver.
     *
     * @throws CudaException there is no such device, or it is too old
     */
    public static CudaDevice among(final List<CudaDevice> devices, final CudaConfig config) {
        final boolean byUuid = config.device().startsWith(UUID_PREFIX);
        for (int ordinal = 0; ordinal < devices.size(); ordinal++) {
            final String name = byUuid ? devices.get(ordinal).uuid : Integer.toString(ordinal);
            if (name.equals(config.device())) {
                return requireUsable(devices.get(ordinal));
            }
        }
        throw new CudaException("there is no device " + config.device() + " among the driver's " + devices.size()
                + "; cheshire.cuda.device is a number from 0 or a UUID as nvidia-smi -L lists it");
    }

    /**
     * All devices of a driver, in its order, whether our kernels run there or not.
     *
     * @param driverLibrary a name that the system's loader knows, or a path
     * @throws CudaException there is no driver, or it has no device
     */
    public static List<CudaDevice> all(final String driverLibrary) {
        final CudaDriver driver = CudaDriver.open(driverLibrary);
        final List<CudaDevice> devices = new ArrayList<>();
        for (int ordinal = 0; ordinal < driver.deviceCount(); ordinal++) {
            final int handle = driver.device(ordinal);
            devices.add(new CudaDevice(
                    driver,
                    handle,
                    driver.deviceName(handle),
                    driver.deviceUuid(handle),
                    driver.architecture(handle),
                    driver.deviceBytes(handle)));
        }
        return List.copyOf(devices);
    }

    private static CudaDevice requireUsable(final CudaDevice device) {
        if (device.architecture < OLDEST_ARCHITECTURE) {
            throw new CudaException(device.name + " is sm_" + device.architecture + "; the kernels need sm_"
                    + OLDEST_ARCHITECTURE + " (Ampere) or later");
        }
        return device;
    }

    /**
     * What decides the last bits of an expert's results: our order of sums, how this architecture's tensor cores add,
     * and, until hardware has shown that either is all there is to it, the architecture and whether it is emulated.
     */
    public String numerics() {
        return "cuda" + REVISION + " " + hardware();
    }

    /** The same of what a router computes here. */
    public String routerNumerics() {
        return "cuda router " + ROUTER_REVISION + " " + hardware();
    }

    private String hardware() {
        return tensorCore() + " sm_" + architecture + (name.startsWith("emulated") ? " emulated" : "");
    }

    /** How its tensor cores add: fractional bits that are kept, and how many products at once. */
    String tensorCore() {
        return architecture >= HOPPER ? "f25k16" : "f24k8";
    }

    /** For people. */
    public String description() {
        return String.format(
                Locale.ROOT,
                "%s (sm_%d, %.1f GiB, %s), driver for CUDA %s",
                name,
                architecture,
                totalBytes / GIB,
                uuid,
                driver.version());
    }
}

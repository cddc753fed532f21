package io.cheshire.model.runtime.cuda.ffi;

import io.cheshire.model.runtime.device.DeviceLostException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A device's context, and whether it is still alive. After the first error that kills it the driver isn't called again,
 * not even to free anything: a call might hang. For one thread at a time, which may be another each time.
 */
public final class DeviceContext {
    private static final int BUSY_RETRIES = 20;
    private static final long BUSY_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(250);

    private final CudaDriver driver;
    private final int device;
    private final MemorySegment context;
    private final Consumer<DeviceLostException> onLost;
    private @Nullable Thread current;
    private volatile @Nullable DeviceLostException lost;

    /** @param onLost told once, on the thread that found out; must not block */
    public DeviceContext(final CudaDriver driver, final int device, final Consumer<DeviceLostException> onLost) {
        this.driver = driver;
        this.device = device;
        this.onLost = onLost;
        context = retain(driver, device);
    }

    /** A device that another process is leaving, or daemons that are starting, are waited for. */
    private static MemorySegment retain(final CudaDriver driver, final int device) {
        for (int attempt = 1; ; attempt++) {
            try {
                return driver.retainPrimaryContext(device);
            } catch (final CudaException refused) {
                if (CudaError.of(refused.code()) != CudaError.NOT_READY_YET || attempt == BUSY_RETRIES) {
                    throw refused;
                }
                LockSupport.parkNanos(BUSY_PAUSE_NS);
            }
        }
    }

    public CudaDriver driver() {
        return driver;
    }

    /** Makes the context the calling thread's, unless it is. */
    public void enter() {
        requireAlive();
        if (current != Thread.currentThread()) {
            run(() -> driver.makeCurrent(context));
            current = Thread.currentThread();
        }
    }

    public boolean isLost() {
        return lost != null;
    }

    /** Throws if the device is lost. */
    public void requireAlive() {
        final DeviceLostException loss = lost;
        if (loss != null) {
            throw new DeviceLostException("the device was lost before: " + loss.getMessage(), loss);
        }
    }

    /** Calls the driver. */
    public void run(final Runnable call) {
        get(() -> {
            call.run();
            return Boolean.TRUE;
        });
    }

    /** Calls the driver. */
    public <T> T get(final Supplier<T> call) {
        requireAlive();
        try {
            return call.get();
        } catch (final CudaException refused) {
            throw judged(refused);
        }
    }

    /** What is to be thrown for an answer of the driver. */
    public RuntimeException judged(final CudaException refused) {
        return CudaError.of(refused.code()) == CudaError.DEVICE_LOST
                ? lose(String.valueOf(refused.getMessage()), refused)
                : refused;
    }

    /** From now on the device is lost. */
    public DeviceLostException lose(final String why, final @Nullable Throwable cause) {
        final DeviceLostException before = lost;
        if (before != null) {
            return before;
        }
        final DeviceLostException loss = new DeviceLostException(why, cause == null ? new CudaException(why) : cause);
        lost = loss;
        onLost.accept(loss);
        return loss;
    }

    public void close() {
        if (!isLost()) {
            driver.releasePrimaryContext(device);
        }
    }
}

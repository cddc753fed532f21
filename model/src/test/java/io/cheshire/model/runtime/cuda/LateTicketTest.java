package io.cheshire.model.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.stream.DeviceStream;
import io.cheshire.model.runtime.cuda.stream.KernelModule;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.model.testing.EmulatedCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tickets that arrive late or never, while nothing else is wrong with the device. Time passes as the test says. */
class LateTicketTest {
    private static final long HANG_TIMEOUT_NS = TimeUnit.DAYS.toNanos(365); // no test ends by it
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final EmulatedCuda emulated = EmulatedCuda.fresh();
    private final CudaDevice device =
            CudaDevice.find(new CudaConfig(emulated.library().toString(), "0", HANG_TIMEOUT_NS, HANG_TIMEOUT_NS, 2));
    private final List<DeviceLostException> losses = new ArrayList<>();
    private final DeviceContext context = new DeviceContext(device.driver(), device.handle(), losses::add);
    private final KernelModule module = new KernelModule(context);
    private long nowNs = Long.MAX_VALUE - LOOK_NS / 2; // a monotonic clock may count from anywhere, and over its end
    private final DeviceStream stream = stream();
    private final DeviceStream other = stream();

    private DeviceStream stream() {
        return new DeviceStream(context, module, 0, HANG_TIMEOUT_NS, () -> nowNs);
    }

    @AfterEach
    void close() {
        stream.close();
        other.close();
        module.close();
        context.close();
    }

    @Test
    void shouldWaitForATicketThatArrivesAfterItsWorkIsDone() {
        emulated.faults("late=1:150000");
        final int late = stream.ticket();
        final int onTime = other.ticket();
        assertThat(stream.isDone(late)).isFalse();
        awaitDone(other, onTime);

        nowNs += LOOK_NS;
        assertThat(stream.isDone(late))
                .as("the stream is idle, the ticket on its way")
                .isFalse();
        awaitDone(stream, late);
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldLoseTheDeviceWhenATicketNeverArrives() {
        emulated.faults("late=1");
        final int never = stream.ticket();
        final int onTime = other.ticket();
        assertThat(stream.isDone(never)).isFalse();
        awaitDone(other, onTime);

        nowNs += LOOK_NS;
        assertThat(stream.isDone(never)).as("the first look loses nothing").isFalse();
        assertThatThrownBy(() -> {
                    while (!stream.isDone(never)) { // until the stream's thread has got to its end, and once more
                        nowNs += LOOK_NS;
                    }
                })
                .isInstanceOf(DeviceLostException.class)
                .hasMessageContaining("was never seen");
        assertThatThrownBy(() -> other.isDone(onTime)).isInstanceOf(DeviceLostException.class);
        assertThat(losses).hasSize(1);
    }

    /** A ticket's value is written over a later one's: the later one isn't taken for done, nor the earlier for late. */
    @Test
    void shouldNotTakeATicketForDoneThatAnEarlierOneOverwrote() {
        emulated.faults("late=1:100000");
        final int first = stream.ticket();
        final int second = stream.ticket();
        awaitDone(stream, second);
        assertThat(stream.isDone(first))
                .as("what is ahead of a ticket is done with it")
                .isTrue();
        while (stream.isDone(second)) { // until the late value has arrived
            Thread.onSpinWait();
        }
        final int third = stream.ticket();
        awaitDone(stream, third);
        assertThat(losses).isEmpty();
    }

    private static void awaitDone(final DeviceStream of, final int ticket) {
        while (!of.isDone(ticket)) {
            Thread.onSpinWait();
        }
    }
}

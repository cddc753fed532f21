package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.testing.ExpectedErrors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a process ends whose GPU is lost. */
@Timeout(60)
class DeviceLossTest {
    private static final String GPU = "GPU-00102030-4050-6070-8090-a0b0c0d0e0f0";

    @TempDir
    private Path folder;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Test
    @ExpectedErrors("is lost; this process leaves")
    void shouldSayGoodbyeAndThenEndWithItsStatusOnce() throws Exception {
        final LossRecord record = new LossRecord(folder.resolve("losses"));
        final DeviceLoss loss = new DeviceLoss(record, status -> events.add("halt " + status));
        loss.sayGoodbyeBy(() -> events.add("goodbye"));

        loss.of(GPU).accept(new DeviceLostException("cuLaunchKernel answered 700"));
        loss.of(GPU).accept(new DeviceLostException("and again"));

        assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo("goodbye");
        assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo("halt 70");
        assertThat(Files.readAllLines(record.file())).hasSize(1);
    }

    @Test
    @ExpectedErrors("is lost; this process leaves")
    void shouldEndAlsoWhenSayingGoodbyeFails() throws Exception {
        final DeviceLoss loss =
                new DeviceLoss(new LossRecord(folder.resolve("losses")), status -> events.add("halt " + status));
        loss.sayGoodbyeBy(() -> {
            events.add("goodbye");
            throw new IllegalStateException("as asked for");
        });

        loss.of(GPU).accept(new DeviceLostException("hangs"));

        assertThat(List.of(
                        String.valueOf(events.poll(30, TimeUnit.SECONDS)),
                        String.valueOf(events.poll(30, TimeUnit.SECONDS))))
                .containsExactly("goodbye", "halt 70");
    }

    @Test
    @ExpectedErrors("is left alone for as long")
    void shouldLeaveAGpuAloneThatWasLostThreeTimesInTenMinutes() {
        final LossRecord record = new LossRecord(folder.resolve("losses"));
        final Instant now = Instant.now();
        record.add(GPU, now.minusSeconds(601));
        record.add(GPU, now.minusSeconds(400));
        record.add("GPU-another", now.minusSeconds(300));
        record.add(GPU, now.minusSeconds(5));
        final DeviceLoss loss = new DeviceLoss(record, status -> events.add("halt " + status));
        loss.requireNoQuarantine(GPU);
        assertThat(events).isEmpty();

        record.add(GPU, now.minusSeconds(1));
        loss.requireNoQuarantine(GPU);
        assertThat(events).containsExactly("halt 71");
        assertThat(record.isQuarantined(GPU, now.plusSeconds(700))).isFalse();
        assertThat(record.isQuarantined("GPU-another", now)).isFalse();
    }

    @Test
    void shouldPassOverLinesThatAreNoLosses() throws Exception {
        final LossRecord record = new LossRecord(folder.resolve("losses"));
        Files.writeString(record.file(), "\nnonsense\n99999999999999999999 " + GPU + "\n");
        assertThat(record.isQuarantined(GPU, Instant.now())).isFalse();
    }
}

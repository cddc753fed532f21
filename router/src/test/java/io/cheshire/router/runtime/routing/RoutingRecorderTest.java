package io.cheshire.router.runtime.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ExpectedErrors;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingRecorderTest {
    private static final int LEAST_BUFFER = 64 * 1024;

    @TempDir
    Path folder;

    @Test
    void shouldWriteHeadRecordsAndEnd() throws Exception {
        final Path path = folder.resolve("trace.csv");
        try (RoutingRecorder recorder = start(path, 1 << 20)) {
            recorder.layer(0, 1, 0, new int[] {2, 0, 1});
            recorder.layer(1, 1, 0, new int[] {0, 3, 0});
            recorder.layer(0, 1, 1, new int[] {1, 1, 1});
        }
        assertThat(Files.readAllLines(path))
                .containsExactly(
                        "# cheshire routing trace 1",
                        "# model f00d layers 2 experts 3",
                        "step,layer,e0,e1,e2",
                        "2,0,2,0,1",
                        "3,0,0,3,0",
                        "2,1,1,1,1",
                        "# end: 3 records, 0 dropped");
    }

    @Test
    void shouldDropAndCountWhatTheBufferOrTheFileCannotTake() throws Exception {
        final Path path = folder.resolve("small.csv");
        final int written = 20_000;
        final long dropped;
        try (RoutingRecorder recorder = start(path, 2000)) {
            for (int step = 0; step < written; step++) {
                recorder.layer(0, step, 0, new int[] {1, 1, 1});
            }
            dropped = recorder.dropped();
        }
        final List<String> lines = Files.readAllLines(path);
        final int kept = lines.size() - 4;
        assertThat(lines.getLast()).isEqualTo("# end: " + kept + " records, " + (written - kept) + " dropped");
        assertThat(written - kept).isGreaterThanOrEqualTo((int) dropped).isPositive();
        assertThat(Files.size(path)).isLessThan(2200);
    }

    @Test
    void shouldNotOverwriteATrace() throws IOException {
        final Path path = Files.writeString(folder.resolve("there.csv"), "precious");
        assertThatThrownBy(() -> start(path, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exists already");
        assertThat(path).hasContent("precious");
        assertThatThrownBy(() -> start(folder.resolve("none").resolve("trace.csv"), 1))
                .hasMessageContaining("can't write");
    }

    /**
     * A disk that is full after some bytes (F30). Few records find out when they are flushed, many when the buffer is
     * full.
     */
    @ParameterizedTest
    @ValueSource(ints = {20, 1000})
    @ExpectedErrors("No space left on device")
    void shouldGoOnAndCountWhenTheDiskIsFull(final int records) throws Exception {
        final FullDisk disk = new FullDisk(100);
        final RecorderConfig config = new RecorderConfig(folder.resolve("t.csv"), LEAST_BUFFER, 1 << 20);
        final RoutingRecorder recorder = RoutingRecorder.start(
                config,
                TraceFile.begin(folder.resolve("t.csv"), new BufferedWriter(disk), "f00d", 2, 3, 1 << 20),
                3,
                2);
        for (int step = 0; step < records; step++) {
            recorder.layer(0, step, 0, new int[] {1, 1, 1});
        }
        recorder.close();

        final long kept = disk.text.toString().lines().count() - 3;
        assertThat(recorder.dropped()).as("what isn't in the file").isEqualTo(records - kept);
    }

    private static final class FullDisk extends Writer {
        private final StringBuilder text = new StringBuilder();
        private final int limitChars;

        FullDisk(final int limitChars) {
            this.limitChars = limitChars;
        }

        @Override
        public void write(final char[] chars, final int offset, final int length) throws IOException {
            if (text.length() + length > limitChars) {
                throw new IOException("No space left on device");
            }
            text.append(chars, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void shouldReadItsConfiguration() {
        final RecorderConfig none = SettingReader.read(ConfigFactory.load(), RecorderConfig::from);
        assertThat(none.file()).isNull();
        assertThat(none.bufferBytes()).isEqualTo(4 << 20);
    }

    private static RoutingRecorder start(final Path path, final long maxBytes) {
        return RoutingRecorder.start(new RecorderConfig(path, LEAST_BUFFER, maxBytes), path, "f00d", 2, 3, 2);
    }
}

package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.KernelThreads.Processors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelThreadsTest {
    @ParameterizedTest
    @CsvSource({
        // asked, counted, told, machine, threads, why
        "64, 128, -1, 128, 64, cheshire.device.threads",
        "1, 2, -1, 2, 1, cheshire.device.threads",
        "0, 4, 4, 128, 4, -XX:ActiveProcessorCount",
        "0, 64, 64, 128, 64, -XX:ActiveProcessorCount",
        "0, 8, -1, 128, 8, of 128 of the machine",
        "0, 48, -1, 128, 48, CPU limit or cpuset",
        "0, 16, -1, 16, 16, processors of the machine",
        "0, 32, -1, 32, 32, processors of the machine",
        "0, 128, -1, 128, 32, nothing says how many",
        "0, 128, -1, 0, 32, set cheshire.device.threads",
    })
    void shouldTakeWhatIsThisProcessesAndSayWhy(
            final int asked,
            final int counted,
            final int told,
            final int machine,
            final int threads,
            final String why) {
        final KernelThreads chosen = KernelThreads.of(asked, new Processors(counted, told, machine));

        assertThat(chosen.count()).isEqualTo(threads);
        assertThat(chosen.reason()).contains(why);
        assertThat(chosen.isGuess()).isEqualTo(counted > threads && asked == 0);
    }
}

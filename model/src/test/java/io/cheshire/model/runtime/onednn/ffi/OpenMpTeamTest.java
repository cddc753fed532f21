package io.cheshire.model.runtime.onednn.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenMpTeamTest {
    @ParameterizedTest
    @CsvSource({"1, 100, 7", "2, 1, 1", "2, 1000, 1", "2, 1000, 64", "4, 37, 5", "3, 10, 100"})
    void shouldRunEveryIndexOnceOnWorkersOfTheTeam(final int threads, final int count, final int grain) {
        final AtomicIntegerArray seen = new AtomicIntegerArray(count);
        final AtomicIntegerArray workers = new AtomicIntegerArray(threads);
        try (OpenMpTeam team = new OpenMpTeam(threads)) {
            for (int round = 0; round < 50; round++) {
                team.run(count, grain, (worker, begin, end) -> {
                    workers.incrementAndGet(worker);
                    for (int i = begin; i < end; i++) {
                        seen.incrementAndGet(i);
                    }
                });
            }
        }
        for (int i = 0; i < count; i++) {
            assertThat(seen.get(i)).isEqualTo(50);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldThrowWhatAPartThrowsAndWorkAgainAfterwards(final int threads) {
        try (OpenMpTeam team = new OpenMpTeam(threads)) {
            assertThatThrownBy(() -> team.run(100, 1, (worker, begin, end) -> {
                        if (begin <= 50 && 50 < end) {
                            throw new IllegalStateException("part 50");
                        }
                    }))
                    .hasMessage("part 50");
            final AtomicIntegerArray seen = new AtomicIntegerArray(1);
            team.run(100, 1, (worker, begin, end) -> seen.addAndGet(0, end - begin));
            assertThat(seen.get(0)).isEqualTo(100);
        }
    }
}

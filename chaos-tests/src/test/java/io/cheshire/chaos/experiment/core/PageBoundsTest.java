package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageBoundsTest {
    private static final String FILE = ExperimentFiles.GOOD.replace("on: local", "on: simulation");

    @Test
    void shouldLetASmallExperimentPass() {
        assertThatCode(() -> PageBounds.demand(ExperimentFiles.parse(FILE))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "on: simulation    | on: local          | ./cheshire chaos run FILE",
                "copies: 2         | copies: 2, model: /etc | leave cluster.model out",
                "duration: 10s     | duration: 3m       | load.duration is 180 s; from the console at most 120 s",
                "streams: 4        | streams: 33        | load.streams is 33; from the console at most 32",
                "streams: 4        | rate: 20.5         | load.rate is 20.5; from the console at most 20",
                "prompt-tokens: 5  | prompt-tokens: 513 | load.prompt-tokens is 513",
                "answer-tokens: 6  | answer-tokens: 513 | load.answer-tokens is 513",
                "max-nodes-down: 1 | max-duration: 16m  | limits.max-duration is 960 s"
            })
    void shouldRefuseWhatIsTooMuchForAProcessWithUsers(final String old, final String other, final String words) {
        final String file = FILE.replace(old, other.replace(", ", "\n  "));
        assertThatThrownBy(() -> PageBounds.demand(ExperimentFiles.parse(file)))
                .isInstanceOf(ExperimentRefused.class)
                .hasMessageContaining(words);
    }

    @Test
    void shouldRefuseAddressesOfOthers() {
        final String file = FILE.replace("on: simulation", "on: running\n  ops: http://10.0.0.9:9090");
        assertThatThrownBy(() -> PageBounds.demand(ExperimentFiles.parse(file)))
                .hasMessageContaining("hurts its own cluster and no other");
    }
}

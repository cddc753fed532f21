package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelListTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0-127 | 128", "0 | 1", "0-3,8-11 | 8", "0,2,4-5 | 4"})
    void shouldCountWhatTheKernelLists(final String ranges, final int count) {
        assertThat(KernelList.numbers(ranges).cardinality()).isEqualTo(count);
    }
}

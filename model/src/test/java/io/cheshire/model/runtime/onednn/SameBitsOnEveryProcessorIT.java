package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.testing.ForkedJvm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One prompt in JVMs whose vectors have 4, 8 and 16 lanes (where the processor has them): the same bits. */
class SameBitsOnEveryProcessorIT {
    @Test
    void shouldGiveTheSameBitsWhateverTheWidthOfVectors() {
        final List<String> narrow = bits("-XX:UseAVX=1");
        final List<String> usual = bits("-XX:UseAVX=2");
        final List<String> wide = bits("-XX:UseAVX=3");
        System.out.println("Compared the bits of " + platform(narrow) + ", " + platform(usual) + ", " + platform(wide));

        assertThat(numbers(wide))
                .isEqualTo(numbers(usual))
                .isEqualTo(numbers(narrow))
                .hasSizeGreaterThan(8);
    }

    private static List<String> bits(final String option) {
        return ForkedJvm.run(PrintedBits.class, List.of(option), Map.of("OMP_WAIT_POLICY", "passive"));
    }

    private static List<String> platform(final List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("#")).toList();
    }

    private static List<String> numbers(final List<String> lines) {
        return lines.stream().filter(line -> !line.startsWith("#")).toList();
    }
}

package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.testing.ForkedJvm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * One prompt in JVMs whose vectors have 4, 8 and 16 lanes (where the processor has them): the same bits. Quantised
 * matrices are multiplied by our native kernels in the last one (where they are built for this platform), without them
 * in the others.
 */
class SameBitsOnEveryProcessorIT {
    private static final String WITHOUT_NATIVE = "-Dcheshire.test.quantised=ONEDNN";

    @Test
    void shouldGiveTheSameBitsWhateverTheWidthOfVectors() {
        final List<String> narrow = bits("-XX:UseAVX=1", WITHOUT_NATIVE);
        final List<String> usual = bits("-XX:UseAVX=2", WITHOUT_NATIVE);
        final List<String> wide = bits("-XX:UseAVX=3");
        System.out.println("Compared the bits of " + platform(narrow) + ", " + platform(usual) + ", " + platform(wide));

        assertThat(numbers(wide))
                .isEqualTo(numbers(usual))
                .isEqualTo(numbers(narrow))
                .hasSizeGreaterThan(8);
    }

    /** Without VNNI oneDNN may add in 16 bits: if it does it is found out, and quantised results are the same. */
    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "takes a minute: give -Dcheshire.test.long=true")
    void shouldGiveTheSameQuantisedBitsWithoutInstructionsForIntegers() {
        final List<String> whole = bits("-XX:UseAVX=3");
        final List<String> capped = ForkedJvm.run(
                PrintedBits.class,
                List.of("-XX:UseAVX=2", WITHOUT_NATIVE),
                Map.of("OMP_WAIT_POLICY", "passive", "ONEDNN_MAX_CPU_ISA", "AVX2"));

        System.out.println("Compared quantised bits of " + platform(capped) + ", " + platform(whole));
        assertThat(quantised(capped)).isEqualTo(quantised(whole)).hasSizeGreaterThan(5);
    }

    private static List<String> quantised(final List<String> lines) {
        return numbers(lines).stream().filter(line -> line.contains("INT")).toList();
    }

    private static List<String> bits(final String... options) {
        return ForkedJvm.run(PrintedBits.class, List.of(options), Map.of("OMP_WAIT_POLICY", "passive"));
    }

    private static List<String> platform(final List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("#")).toList();
    }

    private static List<String> numbers(final List<String> lines) {
        return lines.stream().filter(line -> !line.startsWith("#")).toList();
    }
}

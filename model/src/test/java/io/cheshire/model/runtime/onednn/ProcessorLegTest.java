package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.simd.Lanes;
import org.junit.jupiter.api.Test;

/**
 * The build runs the tests of the kernels several times, as on several processors (pom.xml of this module). This one
 * says what such a leg really ran on, and that it is no better a processor than the leg is named after.
 */
class ProcessorLegTest {
    private static final String LEG = System.getProperty("cheshire.test.leg", "");

    @Test
    void shouldSayWhatTheKernelsWereTestedOn() {
        System.out.println("Kernels tested " + (LEG.isEmpty() ? "as is" : "as for " + LEG) + ": " + Lanes.COUNT
                + " lanes, " + Dnnl.description());
    }

    @Test
    void shouldRunAsTheProcessorThatTheLegIsNamedAfter() {
        assumeTrue(!LEG.isEmpty() && System.getProperty("os.arch").matches("amd64|x86_64"));

        final boolean avx2 = LEG.equals("AVX2");
        assertThat(Lanes.COUNT).isLessThanOrEqualTo(avx2 ? 8 : 16);
        assertThat(Dnnl.description()).matches(avx2 ? ".*, (sse41|avx|avx2)" : ".*, (sse41|avx|avx2.*|avx512_core)");
    }

    @Test
    void shouldNameTheProcessorWhereOneDnnMultipliesAndOnlyThere() {
        try (OneDnnKernels panels = new OneDnnKernels(1, Bf16Matmul.PANELS);
                OneDnnKernels oneDnn = new OneDnnKernels(1, Bf16Matmul.ONEDNN)) {
            assertThat(panels.numerics(Precision.BF16)).isEqualTo("panels, rows 2");
            assertThat(panels.numerics(Precision.FP32)).startsWith(Dnnl.description());
            assertThat(oneDnn.numerics(Precision.BF16)).startsWith(Dnnl.description());
        }
    }
}

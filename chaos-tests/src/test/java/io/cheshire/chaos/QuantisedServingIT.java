package io.cheshire.chaos;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cheshire.chaos.runtime.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights of 8 and 4 bits served: the same bytes alone and in a crowd, with any number of nodes, whoever multiplies.
 * Sums of integers are exact, so all of our kernels must agree.
 */
class QuantisedServingIT {
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_129L);

    @ParameterizedTest
    @ValueSource(strings = {"int8", "int4"})
    void shouldGiveTheSameBytesAloneAndInACrowdWithAnyNumberOfNodesAndAnyKernels(final String precision)
            throws Exception {
        final boolean isLong = Boolean.getBoolean("cheshire.test.long");
        assumeTrue(isLong || precision.equals("int4"), "takes half a minute more: give -Dcheshire.test.long=true");
        final List<String> expected;
        try (TestServer server = start(precision, "auto", 1)) {
            expected = Probes.answersAlone(server.api());
        }
        try (TestServer server = start(precision, "vector", 16)) {
            Probes.checkInCrowd(server.api(), expected, SEED);
            server.awaitQuiet();
            RowLedger.of(server).assertBalanced();
        }
        if (!isLong) {
            return;
        }
        try (TestServer server = start(precision, "auto", 4)) {
            Probes.checkInCrowd(server.api(), expected, SEED);
        }
        try (TestServer server = start(precision, "plain", 1)) {
            Probes.checkAlone(server.api(), expected);
        }
    }

    private static TestServer start(final String precision, final String matmul, final int nodes) {
        return TestServer.start(
                TestServer.cheshireMini(),
                nodes,
                Map.of("cheshire.model.precision", precision, "cheshire.device.quantised-matmul", matmul));
    }
}

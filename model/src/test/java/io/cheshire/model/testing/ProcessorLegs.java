package io.cheshire.model.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a leg of the build that runs the kernels' tests as on another processor (pom.xml of this module) where this
 * processor has no more than the leg allows: the first run of the tests was that already. For all tests of the module,
 * through {@code META-INF/services}.
 */
public final class ProcessorLegs implements ExecutionCondition {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final ConditionEvaluationResult REDUNDANT = condition(System.getProperty("cheshire.test.leg", ""));

    private static ConditionEvaluationResult condition(final String leg) {
        if (leg.isEmpty() || !Files.isReadable(PROCESSORS)) {
            return ConditionEvaluationResult.enabled("");
        }
        final String missing = leg.equals("AVX2") ? "avx512f" : "avx512_bf16";
        if (flags().contains(" " + missing)) {
            return ConditionEvaluationResult.enabled("");
        }
        final String why = "this processor has no " + missing + ", so its own run of the tests was that for " + leg;
        System.out.println(why);
        return ConditionEvaluationResult.disabled(why);
    }

    private static String flags() {
        try {
            return Files.readString(PROCESSORS);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(final ExtensionContext context) {
        return REDUNDANT;
    }
}

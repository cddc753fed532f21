package io.cheshire.ops.runtime.process;

import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineMetrics;
import io.cheshire.router.runtime.engine.SpeculationMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** What a router's engine counts. */
final class EngineMeters {
    private static final double NS_PER_SECOND = 1e9;

    private EngineMeters() {}

    /** Counters of the engine. Labels come from fixed sets only. */
    static void bind(final MeterRegistry registry, final EngineAgent engine) {
        final EngineMetrics metrics = engine.metrics();
        for (final EngineMetrics.Phase phase : EngineMetrics.Phase.values()) {
            FunctionCounter.builder("cheshire.engine.phase.seconds", metrics, m -> m.nanos(phase) / NS_PER_SECOND)
                    .tag("phase", phase.name().toLowerCase(Locale.ROOT))
                    .description("Where the lanes' time went")
                    .register(registry);
        }
        for (final EngineMetrics.Counter counter : EngineMetrics.Counter.values()) {
            FunctionCounter.builder("cheshire.engine.count", metrics, m -> m.get(counter))
                    .tag("what", counter.name().toLowerCase(Locale.ROOT))
                    .description("What the engine did since start")
                    .register(registry);
        }
        for (final SpeculationMetrics.What what : SpeculationMetrics.What.values()) {
            final String name = what.name().toLowerCase(Locale.ROOT).replace('_', '.');
            FunctionCounter.builder("cheshire.speculation." + name, metrics.speculation(), m -> m.get(what))
                    .description(
                            switch (what) {
                                case DRAFTS -> "Steps of sequences in which tokens were guessed";
                                case DRAFTED_TOKENS -> "Tokens guessed and computed";
                                case ACCEPTED_TOKENS -> "Guessed tokens that were drawn";
                                case PASSED_OVER -> "Guesses that were not worth their rows";
                                case EXTRA_UNITS -> "Units that only guessed rows chose, summed over layers";
                                case CERTAIN_TOKENS -> "Tokens that a form left no choice of, not drawn";
                                case FORM_TOKENS -> "Tokens guessed of a text that a form demands, and computed";
                                case FORM_ACCEPTED_TOKENS -> "Of these the tokens that were drawn";
                            })
                    .register(registry);
        }
    }
}

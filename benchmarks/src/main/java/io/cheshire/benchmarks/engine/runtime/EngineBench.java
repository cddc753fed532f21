package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.EngineCase;
import io.cheshire.benchmarks.engine.core.EngineReport;
import io.cheshire.benchmarks.engine.core.Mode;
import io.cheshire.benchmarks.engine.core.Round;
import io.cheshire.benchmarks.engine.core.RouterBytes;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.process.ProcessConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One run of the engine's benchmark: bandwidth, then rounds of every case in every mode, in turn. Used by one thread.
 */
public final class EngineBench {
    private static final double GIGA = 1e9;
    private static final double NS_PER_SECOND = 1e9;

    private final ProcessConfig config;
    private final List<EngineCase> cases;
    private final List<Mode> modes;
    private final int repeat;
    private final long seed;
    private final Consumer<String> progress;
    private final long beganNs = System.nanoTime();
    private int nodesShown = -1;

    /**
     * @param config   with room for all cases
     * @param modes    to be compared in the same run
     * @param repeat   counted rounds of each case in each mode
     * @param seed     decides the prompts
     * @param progress told in lines for people
     */
    public EngineBench(
            final ProcessConfig config,
            final List<EngineCase> cases,
            final List<Mode> modes,
            final int repeat,
            final long seed,
            final Consumer<String> progress) {
        this.config = config;
        this.cases = List.copyOf(cases);
        this.modes = List.copyOf(modes);
        this.repeat = repeat;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws BenchException when a sequence fails, or the modes don't give the same tokens
     */
    public EngineReport run() throws InterruptedException {
        final double bandwidth = MemoryBandwidth.measure(threads());
        say("memory reads " + Math.round(bandwidth / GIGA) + " GB/s with " + threads() + " threads; opening "
                + config.model().directory());
        try (EngineUnderTest tested = EngineUnderTest.start(config, Progress.NONE, this::nodes)) {
            final List<Round> rounds = rounds(tested);
            if (tested.agentErrors() > 0) {
                throw new BenchException(tested.agentErrors() + " errors reached a duty cycle; the log has them");
            }
            return new EngineReport(
                    describe(tested),
                    bandwidth,
                    rounds,
                    RouterBytes.aStep(tested.model(), tested.precision(), tested.routerBytes()),
                    new EngineReport.Footprint(
                            tested.unitBytes(), tested.routerBytes(), tested.kvBytes(), ProcessMemory.read()));
        }
    }

    /** The rounds alone, without a look at memory. */
    public List<Round> runRounds() throws InterruptedException {
        try (EngineUnderTest tested = EngineUnderTest.start(config, Progress.NONE, this::nodes)) {
            return rounds(tested);
        }
    }

    private int threads() {
        return config.device().threads().count();
    }

    private void nodes(final int serving) {
        if (serving != nodesShown) {
            nodesShown = serving;
            say(serving + " of " + config.nodes() + " expert nodes have their units");
        }
    }

    /** Round 0 warms up and is not counted. The modes take turns at going first. */
    private List<Round> rounds(final EngineUnderTest tested) throws InterruptedException {
        final int contextTokens = config.engine().contextLimit();
        final RoundRunner runner =
                new RoundRunner(tested, new PromptTokens(seed, tested.model().vocabSize()), contextTokens);
        final List<Round> counted = new ArrayList<>();
        for (int number = 0; number <= repeat; number++) {
            for (final EngineCase ofCase : cases) {
                final List<Round> pair = new ArrayList<>();
                for (final Mode mode : number % 2 == 0 ? modes : modes.reversed()) {
                    pair.add(runner.run(ofCase, mode, number));
                    say(number, pair.getLast());
                }
                requireEqualTokens(pair);
                counted.addAll(number == 0 ? List.of() : pair);
            }
        }
        return counted;
    }

    /** Numbers contract: transport may not change a bit. Lengths differ, since sequences are stopped from outside. */
    private static void requireEqualTokens(final List<Round> rounds) {
        final Round first = rounds.getFirst();
        for (final Round other : rounds) {
            for (int sequence = 0; sequence < first.tokens().size(); sequence++) {
                final List<Integer> one = first.tokens().get(sequence);
                final List<Integer> two = other.tokens().get(sequence);
                final int common = Math.min(one.size(), two.size());
                if (!one.subList(0, common).equals(two.subList(0, common))) {
                    throw new BenchException("sequence " + sequence + " of " + first.ofCase() + " gave other tokens "
                            + first.mode().label() + " than " + other.mode().label()
                            + ": the numbers contract is broken (docs/architecture.md)");
                }
            }
        }
    }

    private void say(final int number, final Round round) {
        say(String.format(
                Locale.ROOT,
                "%s %s, %s: prefill %.1f tok/s, decode %.1f tok/s",
                number == 0 ? "warm-up" : "round " + number + "/" + repeat,
                round.ofCase(),
                round.mode().label(),
                round.prefillTokensPerSecond(),
                round.decodeTokensPerSecond()));
    }

    private void say(final String line) {
        final double seconds = (System.nanoTime() - beganNs) / NS_PER_SECOND;
        progress.accept(String.format(Locale.ROOT, "[%6.1f s] %s", seconds, line));
    }

    private Map<String, String> describe(final EngineUnderTest tested) {
        final Map<String, String> described = new LinkedHashMap<>();
        described.put("model", config.model().directory().toString());
        described.put("precision", tested.precision().name().toLowerCase(Locale.ROOT));
        described.put("kernels", tested.kernels());
        described.put("threads", tested.sharing());
        described.put("nodes", Integer.toString(config.nodes()));
        described.put("lanes", Integer.toString(config.engine().lanes()));
        described.put("rows-per-step", Integer.toString(config.engine().maxRowsPerStep()));
        described.put("cases", cases.stream().map(EngineCase::toString).collect(Collectors.joining("; ")));
        described.put("repeat", Integer.toString(repeat));
        described.put("seed", Long.toString(seed));
        return described;
    }
}

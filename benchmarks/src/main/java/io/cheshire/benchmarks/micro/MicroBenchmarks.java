package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.micro.roundtrip.RoundTrip;
import io.cheshire.benchmarks.micro.roundtrip.RoundTrip.Channel;
import io.cheshire.benchmarks.micro.roundtrip.RoundTrip.Place;
import io.cheshire.benchmarks.sizes.Sizes;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs micro-benchmarks by name: {@code scripts/bench-micro}. */
@Command(
        name = "bench-micro",
        mixinStandardHelpOptions = true,
        description = "Measures the parts that tokens pass through, at the sizes of Phi-3.5-MoE.")
public final class MicroBenchmarks implements Callable<Integer> {
    private static final List<Integer> ROUND_TRIP_ROWS = List.of(1, 16, 128);
    private static final double NS_PER_US = 1e3;

    /** The names of the benchmarks. */
    public enum Name {
        ffn,
        gate,
        frames,
        sampler,
        masks,
        split,
        placement,
        roundtrip
    }

    @Parameters(paramLabel = "NAME", description = "${COMPLETION-CANDIDATES}; several in turn (default: all)")
    private List<Name> names = new ArrayList<>();

    @Option(
            names = "--quick",
            description = "one very short iteration each, in this JVM: does it run? The figures mean nothing")
    private boolean quick;

    private final PrintStream out;

    MicroBenchmarks(final PrintStream out) {
        this.out = out;
    }

    /** Runs and exits with the status. */
    public static void main(final String[] arguments) {
        System.exit(new CommandLine(new MicroBenchmarks(System.out))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws RunnerException, IOException, InterruptedException {
        for (final Name name : names.isEmpty() ? List.of(Name.values()) : names) {
            switch (name) {
                case ffn -> (quick ? FfnRounds.quick() : FfnRounds.full()).print(out);
                case roundtrip -> roundTrips();
                case gate -> run(GateBenchmark.class);
                case frames -> run(FrameBenchmark.class);
                case sampler -> run(SamplerBenchmark.class);
                case masks -> run(MaskBenchmark.class);
                case split -> run(ReplicaSplitBenchmark.class);
                case placement -> run(PlacementBenchmark.class);
            }
        }
        out.flush();
        return 0;
    }

    private void run(final Class<?> benchmark) throws RunnerException {
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\b" + benchmark.getSimpleName() + "\\b")
                .shouldFailOnError(true);
        if (quick) {
            options.forks(0).warmupIterations(0).measurementIterations(1).measurementTime(TimeValue.milliseconds(10));
        }
        new Runner(options.build()).run();
    }

    private void roundTrips() throws IOException {
        final RoundTrip roundTrip = quick
                ? new RoundTrip(0, TimeUnit.MILLISECONDS.toNanos(5))
                : new RoundTrip(TimeUnit.SECONDS.toNanos(3), TimeUnit.SECONDS.toNanos(4));
        out.printf("%ndispatch + combine of one layer, hidden %d, every row to two nodes, µs%n", Sizes.HIDDEN);
        out.printf("%-15s %-5s %6s %10s %10s %10s %10s%n", "nodes", "way", "rows", "p50", "p90", "p99", "count");
        for (final Place place : Place.values()) {
            for (final Channel channel : Channel.values()) {
                for (final int rows : quick ? List.of(1) : ROUND_TRIP_ROWS) {
                    print(place, channel, rows, roundTrip.measure(place, channel, rows));
                }
            }
        }
    }

    private void print(final Place place, final Channel channel, final int rows, final Histogram histogram) {
        out.printf(
                "%-15s %-5s %6d %10.1f %10.1f %10.1f %10d%n",
                place.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                channel.name().toLowerCase(java.util.Locale.ROOT),
                rows,
                histogram.getValueAtPercentile(50) / NS_PER_US,
                histogram.getValueAtPercentile(90) / NS_PER_US,
                histogram.getValueAtPercentile(99) / NS_PER_US,
                histogram.getTotalCount());
        out.flush();
    }
}

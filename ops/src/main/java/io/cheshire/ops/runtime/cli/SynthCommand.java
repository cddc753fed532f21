package io.cheshire.ops.runtime.cli;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cheshire synth}: a random checkpoint in the hub layout, of any size. */
@Command(
        name = "synth",
        mixinStandardHelpOptions = true,
        description =
                "Writes a random PhiMoE checkpoint in the hub layout, of any size: for benchmarks and capacity tests.")
final class SynthCommand implements Callable<Integer> {
    private static final double BYTES_PER_GIGABYTE = 1e9;
    private static final double NS_PER_SECOND = 1e9;

    @Parameters(paramLabel = "DIR", description = "Directory to write; made if it does not exist.")
    private Path directory = Path.of("");

    @Option(names = "--hidden", required = true, description = "Width of the residual stream.")
    private int hidden;

    @Option(names = "--ffn", required = true, description = "Width of an expert.")
    private int ffn;

    @Option(names = "--layers", required = true, description = "Layers.")
    private int layers;

    @Option(names = "--heads", required = true, description = "Query heads.")
    private int heads;

    @Option(names = "--kv-heads", required = true, description = "Key/value heads; divides --heads.")
    private int kvHeads;

    @Option(names = "--head-dim", description = "Width of a head. Default: hidden / heads.")
    private int headDim;

    @Option(names = "--experts", defaultValue = "16", description = "Experts per layer. Default: ${DEFAULT-VALUE}.")
    private int experts;

    @Option(names = "--vocab", defaultValue = "32064", description = "Vocabulary. Default: ${DEFAULT-VALUE}.")
    private int vocab;

    @Option(names = "--seed", defaultValue = "1", description = "Decides every weight. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--max-positions",
            defaultValue = "4096",
            description = "Longest sequence. Default: ${DEFAULT-VALUE}.")
    private int maxPositions;

    @Option(
            names = "--long-rope-from",
            defaultValue = "0",
            description =
                    "LongRoPE: longest sequence of the short table; 0 means plain RoPE. Default: ${DEFAULT-VALUE}.")
    private int longRopeFrom;

    @Option(
            names = "--labels",
            defaultValue = "0",
            description = "A classification head of so many labels instead of a language model's; 0: none. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int labels;

    @Option(names = "--dtype", defaultValue = "bf16", description = "bf16, f16 or f32. Default: ${DEFAULT-VALUE}.")
    private String dtype = "bf16";

    @Option(names = "--shard-bytes", description = "Most bytes of one file. Default: 5 GB.")
    private long shardBytes = Synth.Options.DEFAULT_SHARD_BYTES;

    @Override
    public Integer call() {
        final ModelConfig config = new SynthShape(
                        hidden, ffn, layers, heads, kvHeads, headDim, experts, vocab, maxPositions, longRopeFrom)
                .toConfig(labels);
        final Synth.Options options =
                Synth.Options.ofSeed(seed).withDtype(dtype()).withShardBytes(shardBytes);
        final long startNs = System.nanoTime();
        try (ConsoleProgress progress = new ConsoleProgress()) {
            Synth.write(directory, config, options.withProgress(progress));
        }
        final double gigabytes = Synth.dataBytes(config, options) / BYTES_PER_GIGABYTE;
        final double seconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
        System.out.printf(
                Locale.ROOT,
                "Wrote %.2f GB to %s in %.1f s (%.2f GB/s), seed %d. Serve it: ./cheshire serve --model %s%n",
                gigabytes,
                directory,
                seconds,
                gigabytes / seconds,
                seed,
                directory);
        return 0;
    }

    private Dtype dtype() {
        return switch (dtype.toLowerCase(Locale.ROOT)) {
            case "bf16" -> Dtype.BF16;
            case "f16" -> Dtype.F16;
            case "f32", "fp32" -> Dtype.F32;
            default -> throw new IllegalArgumentException("--dtype is '" + dtype + "'; it must be bf16, f16 or f32");
        };
    }
}

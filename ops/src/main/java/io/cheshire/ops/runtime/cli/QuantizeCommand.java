package io.cheshire.ops.runtime.cli;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions;
import io.cheshire.model.runtime.checkpoint.CheckpointQuantiser;
import io.cheshire.model.runtime.synth.Synth;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cheshire quantize}: a checkpoint in 8 or 4 bits. */
@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        description = "Writes a checkpoint whose experts are in 8 or 4 bits, projections and head in 8:"
                + " what serve --precision makes while loading, ready on the disk.")
final class QuantizeCommand implements Callable<Integer> {
    private static final double BYTES_PER_GIGABYTE = 1e9;
    private static final double NS_PER_SECOND = 1e9;

    @Parameters(index = "0", paramLabel = "DIR", description = "Checkpoint directory, as published.")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "Directory to write; made if it does not exist.")
    private Path to = Path.of("");

    @Option(
            names = "--precision",
            defaultValue = "int4",
            paramLabel = "int8|int4",
            description =
                    "Bits of the experts; with a group, such as int4-g32, as for serve. Default: ${DEFAULT-VALUE}.")
    private String precision = "int4";

    @Option(names = "--shard-bytes", description = "Most bytes of one file. Default: 5 GB.")
    private long shardBytes = Synth.Options.DEFAULT_SHARD_BYTES;

    @Override
    public Integer call() {
        final Precision asked = asked();
        final Quantisation experts = asked.experts();
        if (experts == null) {
            throw new IllegalArgumentException("--precision " + precision + " isn't quantised; ask for int8 or int4");
        }
        final long startNs = System.nanoTime();
        final long bytes;
        try (ConsoleProgress progress = new ConsoleProgress();
                Checkpoint from = Checkpoint.open(directory, CheckpointOptions.DEFAULT.withProgress(progress))) {
            bytes = CheckpointQuantiser.write(from, experts, to, shardBytes, progress);
        }
        System.out.printf(
                Locale.ROOT,
                "Wrote %.2f GB to %s in %.1f s. Serve it: ./cheshire serve --model %s --precision %s%n",
                bytes / BYTES_PER_GIGABYTE,
                to,
                (System.nanoTime() - startNs) / NS_PER_SECOND,
                to,
                asked.word());
        return 0;
    }

    private Precision asked() {
        final List<String> words = Arrays.stream(Precision.values())
                .filter(each -> each.experts() != null)
                .map(Precision::word)
                .toList();
        return Arrays.stream(Precision.values())
                .filter(each -> each.word().equals(precision.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--precision is '" + precision + "'; it must be one of " + String.join(", ", words)));
    }
}

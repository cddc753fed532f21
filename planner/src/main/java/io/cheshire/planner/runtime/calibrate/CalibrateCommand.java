package io.cheshire.planner.runtime.calibrate;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.planner.core.calibrate.CalibrationTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cheshire calibrate}: how fast this machine is, for plans and for paced kernels. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures how long this machine takes for everything a plan must know, with a model's own weights,"
                        + " in three minutes at most. Nothing else should run. Exit status: 0 measured; 1 not.")
public final class CalibrateCommand implements Callable<Integer> {
    private static final double MOST_PATIENCE = 100;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(names = "--quick", description = "take 45 s at most, with wider intervals")
    private boolean quick;

    @Option(
            names = "--patience",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description = "multiplies the time that each stage may take (default ${DEFAULT-VALUE})")
    private double patience = 1;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "calibration.json",
            description = "what to write (default ${DEFAULT-VALUE})")
    private Path out = Path.of("calibration.json");

    @Option(names = "--model", paramLabel = "DIR", description = "checkpoint directory (default: models/cheshire-mini)")
    private @Nullable Path model;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads of a kernel call (default: all cores; a node of local-cluster has 1)")
    private @Nullable Integer threads;

    @Option(names = "--config", paramLabel = "FILE", description = "HOCON file; flags win over it")
    private @Nullable Path config;

    @Option(names = "-D", paramLabel = "KEY=VALUE", description = "any configuration key")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Override
    public Integer call() throws InterruptedException {
        if (!(patience > 0 && patience <= MOST_PATIENCE)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--patience is " + patience + "; it must be above 0 and at most " + MOST_PATIENCE);
        }
        final PrintWriter err = spec.commandLine().getErr();
        final PrintWriter console = spec.commandLine().getOut();
        try {
            final Stages stages = new Stages(quick, patience, line -> {
                err.println(line);
                err.flush();
            });
            final Calibration calibration =
                    new Calibrator(settings(), quick ? CalibrationBudget.QUICK : CalibrationBudget.FULL, stages).run();
            CalibrationStore.write(calibration, out);
            // What nobody could read again must not be found out when a plan needs it.
            CalibrationStore.read(out);
            console.print(CalibrationTable.of(calibration));
            for (final Stages.Done done : stages.done()) {
                console.printf(
                        Locale.ROOT,
                        "stage %-9s %-9s %5.1f of %.0f s%n",
                        done.stage().name().toLowerCase(Locale.ROOT),
                        done.outcome().name().toLowerCase(Locale.ROOT),
                        done.seconds(),
                        done.limit());
            }
            console.println("written to " + out);
            console.flush();
            return 0;
        } catch (final IOException | CalibrationException failure) {
            err.println("cheshire calibrate: " + failure.getMessage());
            err.flush();
            return 1;
        }
    }

    private Settings settings() {
        final Map<String, Object> flags = new LinkedHashMap<>(overrides);
        if (model != null) {
            flags.put(ModelSettings.DIRECTORY, model.toString());
        }
        if (threads != null) {
            flags.put(DeviceConfig.THREADS, threads);
        }
        return Settings.load(config, flags);
    }
}

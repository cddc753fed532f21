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
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire calibrate}: how fast this machine is, for plans and for paced kernels. */
@Command(
        name = "calibrate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures how long this machine takes for everything a plan must know, with a model's own weights,"
                        + " in about two minutes. Nothing else should run. Exit status: 0 measured; 1 not.")
public final class CalibrateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(names = "--quick", description = "take less than a minute, with wider intervals")
    private boolean quick;

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
        final PrintWriter err = spec.commandLine().getErr();
        final PrintWriter console = spec.commandLine().getOut();
        try {
            final Calibration calibration = new Calibrator(settings(), quick ? CalibrationBudget.QUICK : CalibrationBudget.FULL, line -> {
                        err.println(line);
                        err.flush();
                    })
                    .run();
            CalibrationStore.write(calibration, out);
            // What nobody could read again must not be found out when a plan needs it.
            CalibrationStore.read(out);
            console.print(CalibrationTable.of(calibration));
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

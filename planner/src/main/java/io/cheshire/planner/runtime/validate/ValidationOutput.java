package io.cheshire.planner.runtime.validate;

import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.protocol.plan.PlanRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** Where a comparison's words and figures go. */
final class ValidationOutput {
    private static final int DISTORTED = 1;
    private static final int REFUSED = 2;

    private final CommandSpec spec;
    private final Path directory;

    ValidationOutput(final CommandSpec spec, final Path directory) {
        this.spec = spec;
        this.directory = directory;
    }

    /** A comparison; answers whether anything was compared. */
    @FunctionalInterface
    interface Comparison {
        boolean run() throws IOException, InterruptedException;
    }

    /** Runs one; answers the exit status. */
    int guarded(final Comparison comparison) throws InterruptedException {
        try {
            return comparison.run() ? 0 : DISTORTED;
        } catch (final IOException wrong) {
            return refused(String.valueOf(wrong));
        } catch (final CalibrationException | PlanRefused | IllegalStateException wrong) {
            return refused(String.valueOf(wrong.getMessage()));
        }
    }

    private int refused(final String why) {
        say("cheshire plan validate: " + why);
        return REFUSED;
    }

    /** Prints what was compared, and adds it to its level's file. */
    void keep(final List<ValidationCell> cells) throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        for (final ValidationCell cell : cells) {
            ValidationStore.add(directory, cell);
            out.printf(
                    Locale.ROOT,
                    "%s %-18s measured %10.4g predicted %10.4g %+7.2f %% (%s)  %s%n",
                    cell.level(),
                    cell.figure(),
                    cell.reference(),
                    cell.predicted(),
                    100 * cell.error(),
                    cell.isJudged() ? String.format(Locale.ROOT, "limit %.0f %%", 100 * cell.limit()) : "as measured",
                    cell.note());
        }
        out.flush();
    }

    void say(final String line) {
        final PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}

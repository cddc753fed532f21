package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.core.report.EmitTarget;
import io.cheshire.planner.core.report.EmittedFleet;
import io.cheshire.planner.core.report.PlanAnswer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire plan emit}. */
@Command(
        name = "emit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Writes the cheapest fleet that keeps the objectives as what deploys it. Exit status 1, and"
                + " nothing is written: none does.")
final class PlanEmitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Option(names = "--to", required = true, paramLabel = "helm|hocon|local-cluster", description = "as what")
    private String target = "helm";

    @Option(names = "--out", paramLabel = "FILE", description = "file to write (the terminal)")
    private @Nullable Path file;

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, () -> {
            final EmitTarget as = target();
            final PlanAnswer answer = PlanRun.all(options.plan(), options.seed(), spec);
            if (!answer.chosen().keeps()) {
                spec.commandLine()
                        .getErr()
                        .println("No fleet of " + answer.lookedAt() + " keeps the objectives; the nearest, "
                                + answer.chosen().fleet().words() + ", misses: "
                                + String.join("; ", answer.chosen().misses()));
                return PlanRun.MISSED;
            }
            final String text = new EmittedFleet(answer).as(as);
            if (file == null) {
                spec.commandLine().getOut().print(text);
                spec.commandLine().getOut().flush();
            } else {
                Files.writeString(file, text);
            }
            return 0;
        });
    }

    private EmitTarget target() {
        for (final EmitTarget each : EmitTarget.values()) {
            if (each.id().equals(target.toLowerCase(Locale.ROOT))) {
                return each;
            }
        }
        throw new picocli.CommandLine.ParameterException(
                spec.commandLine(), "--to " + target + ": must be helm, hocon or local-cluster");
    }
}

package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.core.report.PlanAnswer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cheshire plan search}. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "The cheapest fleet that keeps the objectives, of all combinations. Exit status 1: none does.")
final class FleetSearchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Mixin
    private AnswerOptions shown = new AnswerOptions();

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, () -> {
            final PlanAnswer answer = PlanRun.all(options.plan(), options.seed(), spec);
            shown.show(answer, spec.commandLine().getOut());
            return answer.chosen().keeps() ? 0 : PlanRun.MISSED;
        });
    }
}

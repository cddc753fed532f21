package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.core.report.PlanAnswer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cheshire plan what-if}. */
@Command(
        name = "what-if",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "What one fleet does: the first of each list. Exit status 1: an objective is missed.")
final class WhatIfCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Mixin
    private AnswerOptions shown = new AnswerOptions();

    @Mixin
    private Simulated simulated = new Simulated();

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, () -> {
            final PlanAnswer answer = PlanRun.one(options.plan(), options.seed(), spec, shown.isThorough());
            if (simulated.isWanted()) {
                simulated.show(answer, shown, spec.commandLine().getOut());
            } else {
                shown.show(answer, spec.commandLine().getOut());
            }
            return answer.chosen().keeps() ? 0 : PlanRun.MISSED;
        });
    }
}

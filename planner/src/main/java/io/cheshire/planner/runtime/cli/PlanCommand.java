package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.runtime.replay.PlanReplayCommand;
import io.cheshire.planner.runtime.validate.PlanValidateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cheshire plan}: what a load needs, and what failures do to it. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = "Plans capacity, failures included (docs/planning.md).",
        subcommands = {
            WhatIfCommand.class,
            FleetSearchCommand.class,
            PlanAvailabilityCommand.class,
            PlanAccuracyCommand.class,
            PlanEmitCommand.class,
            PlanReplayCommand.class,
            PlanEpisodesCommand.class,
            PlanValidateCommand.class,
            PlanWatchCommand.class
        })
final class PlanCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "say what: what-if, search, availability, accuracy, episodes, emit, replay, validate or watch");
    }
}

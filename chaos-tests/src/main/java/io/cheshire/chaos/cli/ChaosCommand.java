package io.cheshire.chaos.cli;

import io.cheshire.chaos.experiment.runtime.CompareCommand;
import io.cheshire.chaos.experiment.runtime.RunCommand;
import io.cheshire.chaos.process.KillCommand;
import io.cheshire.chaos.process.MoveCommand;
import io.cheshire.chaos.sim.cli.SimCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cheshire chaos}: injecting faults. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = "Injects faults and checks that nobody notices.",
        subcommands = {RunCommand.class, CompareCommand.class, SimCommand.class, KillCommand.class, MoveCommand.class})
final class ChaosCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say which experiment");
    }
}

package io.cheshire.ops.runtime.cli;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.ops.runtime.StandardError;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Entry point of {@code ./cheshire}. */
@Command(
        name = "cheshire",
        description = "Serves PhiMoE models (Phi-3.5-MoE, GRIN-MoE and their siblings) from a cluster of expert nodes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    /** Exit status of a command that was refused or failed with an explained error; picocli uses 2 for wrong usage. */
    private static final int FAILED = 1;
    /** A process that ends waits so long for its last lines to be read. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final List<Class<?>> COMMANDS = List.of(
            ServeCommand.class,
            BatchCommand.class,
            LocalClusterCommand.class,
            CoordinatorRoleCommand.class,
            RouterRoleCommand.class,
            ExpertNodeRoleCommand.class,
            RehearseCommand.class,
            ClusterCommand.class,
            InspectCommand.class,
            DoctorCommand.class,
            QuantizeCommand.class,
            PrecisionCompareCommand.class,
            SynthCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /** Runs the command and exits with its status. */
    public static void main(final String[] args) {
        StandardError.install();
        final int status = run(args);
        StandardError.awaitWritten(LAST_WORDS);
        System.exit(status);
    }

    /** Runs the command and returns its status: 0 done, 1 failed with an explained error, 2 wrong usage. */
    static int run(final String... args) {
        return commandLine(args).execute(args);
    }

    /**
     * The command line that understands these arguments: with the one command that they name, else with all of them. To
     * look at the flags of them all takes a tenth of a second of each process's start.
     */
    static CommandLine commandLine(final String... args) {
        final CommandLine commandLine = new CommandLine(new Main());
        final List<Class<?>> asked = COMMANDS.stream()
                .filter(command -> args.length > 0 && nameOf(command).equals(args[0]))
                .toList();
        if (asked.isEmpty()) {
            COMMANDS.forEach(commandLine::addSubcommand);
            ServiceLoader.load(CommandProvider.class)
                    .forEach(provider -> commandLine.addSubcommand(provider.command()));
        } else {
            asked.forEach(commandLine::addSubcommand);
        }
        commandLine.setExecutionExceptionHandler(Main::explain);
        return commandLine;
    }

    private static String nameOf(final Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    /**
     * Errors that name the thing, the value and the remedy need no stack trace; everything else is a defect and gets
     * one.
     */
    private static int explain(
            final Exception failure, final CommandLine commandLine, final CommandLine.ParseResult parsed) {
        final String who = "cheshire " + commandLine.getCommandName() + ": ";
        switch (failure) {
            case IllegalArgumentException refused -> commandLine.getErr().println(who + refused.getMessage());
            case ModelException refused -> commandLine.getErr().println(who + refused.getMessage());
            default -> failure.printStackTrace(commandLine.getErr());
        }
        return FAILED;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say which command");
    }
}

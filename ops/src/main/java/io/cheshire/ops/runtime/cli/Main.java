package io.cheshire.ops.runtime.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of {@code ./cheshire}. */
@Command(
        name = "cheshire",
        description = "Serves small mixture-of-experts models from a cluster of expert nodes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {})
public final class Main {
    private Main() {}

    /** Runs the command and exits with its status. */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}

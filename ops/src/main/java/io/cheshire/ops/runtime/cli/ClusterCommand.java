package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.ops.core.ClusterTable;
import io.cheshire.ops.runtime.OpsClient;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cheshire cluster}: looks at a running cluster and asks its coordinator for changes. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "Shows a running cluster and changes where its units are.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ClusterCommand.Status.class,
            ClusterCommand.Events.class,
            ClusterDrainCommand.class,
            ClusterCommand.Undrain.class,
            ClusterCommand.Move.class,
            ClusterCommand.Replicas.class,
            ClusterCommand.Rebalance.class,
            ClusterCommand.Down.class
        })
final class ClusterCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say which command");
    }

    /** {@code cheshire cluster status}. */
    @Command(name = "status", mixinStandardHelpOptions = true, description = "Nodes, routers and what is going on.")
    static final class Status implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Override
        public Integer call() throws InterruptedException {
            try (OpsClient client = options.client()) {
                options.print(client.cluster(), ClusterTable::status);
            }
            return 0;
        }
    }

    /** {@code cheshire cluster events}. */
    @Command(
            name = "events",
            mixinStandardHelpOptions = true,
            description = "The coordinator's last decisions with their reasons, oldest first.")
    static final class Events implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Override
        public Integer call() throws InterruptedException {
            try (OpsClient client = options.client()) {
                final JsonNode state = client.cluster();
                options.print(state, ClusterTable::events);
            }
            return 0;
        }
    }

    /** {@code cheshire cluster undrain NODE}. */
    @Command(name = "undrain", mixinStandardHelpOptions = true, description = "Puts a drained node back in use.")
    static final class Undrain implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Parameters(paramLabel = "NODE")
        private int node;

        @Option(names = "--reason", defaultValue = "", paramLabel = "TEXT", description = "For the cluster's events.")
        private String reason = "";

        @Override
        public Integer call() throws InterruptedException {
            return options.ask("undrain", Map.of("node", node, "reason", reason));
        }
    }

    /** {@code cheshire cluster move LAYER:EXPERT}. */
    @Command(name = "move", mixinStandardHelpOptions = true, description = "Moves one unit to another node.")
    static final class Move implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "LAYER:EXPERT", description = "For example 3:15.")
        private String unit = "";

        @Option(names = "--from", required = true, paramLabel = "NODE")
        private int from;

        @Option(names = "--to", required = true, paramLabel = "NODE")
        private int to;

        @Option(names = "--reason", defaultValue = "", paramLabel = "TEXT", description = "For the cluster's events.")
        private String reason = "";

        @Override
        public Integer call() throws InterruptedException {
            final String[] parts = unit.split(":", -1);
            if (parts.length != 2 || !parts[0].matches("\\d{1,6}") || !parts[1].matches("\\d{1,6}")) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), "unit is '" + unit + "'; write LAYER:EXPERT, for example 3:15");
            }
            return options.ask(
                    "moves",
                    Map.of(
                            "layer", Integer.valueOf(parts[0]),
                            "expert", Integer.valueOf(parts[1]),
                            "from", from,
                            "to", to,
                            "reason", reason));
        }
    }

    /** {@code cheshire cluster replicas N}. */
    @Command(
            name = "replicas",
            mixinStandardHelpOptions = true,
            description = "Sets how many nodes hold each unit, as far as memory goes, until the coordinator changes.")
    static final class Replicas implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Parameters(paramLabel = "N")
        private int replicas;

        @Option(names = "--reason", defaultValue = "", paramLabel = "TEXT", description = "For the cluster's events.")
        private String reason = "";

        @Override
        public Integer call() throws InterruptedException {
            return options.ask("replicas", Map.of("replicas", replicas, "reason", reason));
        }
    }

    /** {@code cheshire cluster rebalance}. */
    @Command(
            name = "rebalance",
            mixinStandardHelpOptions = true,
            description = "Balances the units over the nodes once, by the loads of late.")
    static final class Rebalance implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Option(names = "--reason", defaultValue = "", paramLabel = "TEXT", description = "For the cluster's events.")
        private String reason = "";

        @Option(names = "--dry-run", description = "Say what it would do, and move nothing.")
        private boolean dryRun;

        @Override
        public Integer call() throws InterruptedException {
            return options.ask("rebalance", Map.of("reason", reason, "dry_run", dryRun));
        }
    }

    /** {@code cheshire cluster down NODE}. */
    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description =
                    "Says that a node's process has surely ended, so that nobody waits for the cluster to notice.")
    static final class Down implements Callable<Integer> {
        @Mixin
        private OpsOptions options = new OpsOptions();

        @Parameters(paramLabel = "NODE")
        private int node;

        @Option(names = "--reason", defaultValue = "", paramLabel = "TEXT", description = "For the cluster's events.")
        private String reason = "";

        @Override
        public Integer call() throws InterruptedException {
            return options.ask(
                    "down", Map.of("node", node, "reason", reason.isBlank() ? "an operator says so" : reason));
        }
    }
}

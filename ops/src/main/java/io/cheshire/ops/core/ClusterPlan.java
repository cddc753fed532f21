package io.cheshire.ops.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The processes of a local cluster: which roles, with which arguments. Pure, so that a test can read the plan without
 * starting it.
 *
 * @param processes in the order in which they are started
 */
public record ClusterPlan(List<RoleProcess> processes) {
    public ClusterPlan {
        processes = List.copyOf(processes);
    }

    /**
     * One process.
     *
     * @param name      unique, for people and log files
     * @param role      subcommand of {@code cheshire}
     * @param jvmFlags  memory and collector, small for expert nodes: their weights are off-heap
     * @param arguments after the subcommand
     */
    public record RoleProcess(String name, String role, List<String> jvmFlags, List<String> arguments) {
        public RoleProcess {
            jvmFlags = List.copyOf(jvmFlags);
            arguments = List.copyOf(arguments);
        }
    }

    /**
     * What the plan is made from.
     *
     * @param nodeCount       expert nodes
     * @param clusterPort     of the coordinator, the seed that all others join
     * @param aeronDirectory  of the media driver that all share
     * @param common          arguments that every role gets (model, precision, configuration file)
     * @param routerArguments of the router alone (ports, host)
     */
    public record Request(
            int nodeCount, int clusterPort, String aeronDirectory, List<String> common, List<String> routerArguments) {
        public Request {
            common = List.copyOf(common);
            routerArguments = List.copyOf(routerArguments);
            if (nodeCount < 1) {
                throw new IllegalArgumentException("nodes must be at least 1: " + nodeCount);
            }
        }
    }

    /** Coordinator first, since the others join it; then the expert nodes; the router last. */
    public static ClusterPlan of(final Request request) {
        final List<String> shared = new ArrayList<>(request.common());
        shared.addAll(List.of(
                "--nodes",
                Integer.toString(request.nodeCount()),
                "--seed",
                "127.0.0.1:" + request.clusterPort(),
                "--aeron-dir",
                request.aeronDirectory(),
                "--exit-with-parent"));
        final List<RoleProcess> processes = new ArrayList<>();
        processes.add(new RoleProcess(
                "coordinator",
                "coordinator",
                List.of("-Xmx192m", "-XX:+UseSerialGC"),
                with(shared, "--cluster-port", Integer.toString(request.clusterPort()))));
        for (int node = 0; node < request.nodeCount(); node++) {
            processes.add(new RoleProcess(
                    "expert-node-" + node,
                    "expert-node",
                    List.of("-Xmx128m", "-XX:+UseSerialGC"),
                    with(
                            shared,
                            "--node-id",
                            Integer.toString(node),
                            "--cluster-port",
                            "0",
                            // Sixteen processes share this host's cores.
                            "-Dcheshire.device.threads=1",
                            "-Dcheshire.threads=shared")));
        }
        final List<String> router = new ArrayList<>(with(shared, "--cluster-port", "0"));
        router.addAll(request.routerArguments());
        processes.add(new RoleProcess("router", "router", List.of("-Xmx1g", "-XX:+UseSerialGC"), router));
        return new ClusterPlan(processes);
    }

    private static List<String> with(final List<String> shared, final String... more) {
        final List<String> all = new ArrayList<>(shared);
        all.addAll(List.of(more));
        return all;
    }
}

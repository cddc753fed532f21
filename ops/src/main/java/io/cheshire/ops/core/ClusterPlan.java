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
    private static final int ANY_PORT = 0;
    private static final String OPS_PORT = "--ops-port";
    private static final String CLUSTER_PORT = "--cluster-port";
    private static final String NODE_ROLE = "expert-node";

    /**
     * Of processes that share a host with so many others: the optimizing compiler gets to the control plane's code
     * twenty times later than by default. That code runs a few times a second in each, and compiling it in all of them
     * took a third of a core for minutes, more whenever something happened that the cluster had not seen yet, such as a
     * node's death. Code of the token path as ever.
     */
    private static final List<String> TOKEN_PATH_FIRST = List.of(
            "-XX:+UseSerialGC",
            "-XX:Tier4InvocationThreshold=100000",
            "-XX:Tier4MinInvocationThreshold=12000",
            "-XX:Tier4CompileThreshold=300000",
            "-XX:Tier4BackEdgeThreshold=800000",
            "-XX:CompileCommand=CompileThresholdScaling,io.cheshire.*::*,0.05",
            "-XX:CompileCommand=CompileThresholdScaling,org.agrona.*::*,0.05",
            "-XX:CompileCommand=CompileThresholdScaling,io.aeron.*::*,0.05");

    private static final List<String> NODE_JVM = with(List.of("-Xmx128m"), TOKEN_PATH_FIRST);
    private static final List<String> ROUTER_JVM = with(List.of("-Xmx1g"), TOKEN_PATH_FIRST);

    /** The coordinator has no token path: on a host with seventeen others the quick compiler alone costs least. */
    private static final List<String> COORDINATOR_JVM =
            List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** A node that is started again joins others that serve. Before what the user sets, which wins. */
    private static final List<String> WARM_FIRST = List.of("-Dcheshire.expert-node.warm-up=5s");

    /** The number of a node's UDP port may be another's TCP port. Before what the user sets, which wins. */
    private static final List<String> ANY_LIFELINE_PORT = List.of("-Dcheshire.transport.lifeline-port=0");

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
     * @param again     the same when it is started again, while others run
     */
    public record RoleProcess(
            String name, String role, List<String> jvmFlags, List<String> arguments, List<String> again) {
        public RoleProcess {
            jvmFlags = List.copyOf(jvmFlags);
            arguments = List.copyOf(arguments);
            again = List.copyOf(again);
        }

        /** Where its operations listener is; "0" for any port. */
        public String opsPort() {
            return arguments.get(arguments.lastIndexOf(OPS_PORT) + 1);
        }

        RoleProcess(final String name, final String role, final List<String> jvmFlags, final List<String> arguments) {
            this(name, role, jvmFlags, arguments, arguments);
        }

        private RoleProcess with(final String argument) {
            return new RoleProcess(
                    name, role, jvmFlags, ClusterPlan.with(arguments, argument), ClusterPlan.with(again, argument));
        }
    }

    /**
     * What the plan is made from.
     *
     * @param nodeCount       expert nodes
     * @param clusterPort     of the coordinator, which starts the cluster
     * @param memberPorts     of the router and of the first expert nodes: a coordinator that is started again joins
     *                        through these
     * @param udpPorts        empty: the data plane runs over shared memory; else over UDP at these ports of the
     *                        loopback interface, the router's first, then one for each node
     * @param aeronDirectory  of the media driver that all share
     * @param common          arguments that every role gets (model, precision, configuration file)
     * @param routerArguments of the router alone (ports, host)
     * @param opsPorts        of the operations listeners: the coordinator's first, then one for each node
     */
    public record Request(
            int nodeCount,
            int clusterPort,
            List<Integer> memberPorts,
            List<Integer> udpPorts,
            String aeronDirectory,
            List<String> common,
            List<String> routerArguments,
            List<Integer> opsPorts) {
        public Request {
            memberPorts = List.copyOf(memberPorts);
            udpPorts = List.copyOf(udpPorts);
            common = List.copyOf(common);
            routerArguments = List.copyOf(routerArguments);
            opsPorts = List.copyOf(opsPorts);
            if (opsPorts.size() != 1 + nodeCount) {
                throw new IllegalArgumentException("there must be a port for operations of the coordinator and each of "
                        + nodeCount + " nodes: " + opsPorts);
            }
            if (memberPorts.isEmpty() || memberPorts.size() > 1 + nodeCount) {
                throw new IllegalArgumentException(
                        "there must be a port for the router and at most one for each node: " + memberPorts);
            }
            if (!udpPorts.isEmpty() && udpPorts.size() != 1 + nodeCount) {
                throw new IllegalArgumentException(
                        "there must be a UDP port for the router and each of " + nodeCount + " nodes: " + udpPorts);
            }
            if (nodeCount < 1) {
                throw new IllegalArgumentException("nodes must be at least 1: " + nodeCount);
            }
        }
    }

    /**
     * Coordinator first, since the others join it; then the expert nodes; the router last.
     *
     * <p>Only the first seed of its own list starts a cluster. A coordinator that is started again must not, since the
     * others still have theirs, so it gets the list without itself in front. The others know the coordinator alone at
     * first: a member greets every process of its list, and one that was greeted before it listened may be taken for
     * broken as soon as it does (docs/decisions/0009). A node that is started again may have to find the cluster
     * without a coordinator, so it has the whole list. It takes another port: at its old address it would have to wait
     * until the cluster has found its predecessor silent, a minute later.
     */
    public static ClusterPlan of(final Request request) {
        final List<String> plain = new ArrayList<>(request.common());
        plain.addAll(List.of(
                "--nodes",
                Integer.toString(request.nodeCount()),
                "--aeron-dir",
                request.aeronDirectory(),
                "--exit-with-parent"));
        final List<String> coordinatorSeed = seed(request.clusterPort());
        final List<String> memberSeeds = new ArrayList<>();
        request.memberPorts().forEach(port -> memberSeeds.addAll(seed(port)));
        final List<String> starting = with(plain, coordinatorSeed);
        final List<String> again = with(starting, memberSeeds);
        final List<String> coordinatorPort = List.of(
                CLUSTER_PORT,
                Integer.toString(request.clusterPort()),
                OPS_PORT,
                Integer.toString(request.opsPorts().getFirst()));
        final List<RoleProcess> processes = new ArrayList<>();
        processes.add(new RoleProcess(
                "coordinator",
                "coordinator",
                COORDINATOR_JVM,
                with(with(plain, coordinatorSeed), coordinatorPort),
                with(with(plain, memberSeeds), coordinatorPort)));
        for (int node = 0; node < request.nodeCount(); node++) {
            processes.add(new RoleProcess(
                    "expert-node-" + node,
                    NODE_ROLE,
                    NODE_JVM,
                    nodeArguments(request, starting, node, portOf(request, node + 1)),
                    nodeArguments(request, with(WARM_FIRST, again), node, ANY_PORT)));
        }
        final List<String> router = new ArrayList<>(with(starting, CLUSTER_PORT, Integer.toString(portOf(request, 0))));
        router.addAll(channel(request, 0));
        router.addAll(request.routerArguments());
        processes.add(new RoleProcess("router", "router", ROUTER_JVM, router));
        return new ClusterPlan(processes);
    }

    /** The same with node <i>i</i> in rack <i>i</i> mod {@code racks}: failure domains rack-0, rack-1 and so on. */
    public ClusterPlan inRacks(final int racks) {
        final List<RoleProcess> placed = new ArrayList<>();
        int node = 0;
        for (final RoleProcess process : processes) {
            placed.add(process.role().equals(NODE_ROLE) ? process.with(rack(node++ % racks)) : process);
        }
        return new ClusterPlan(placed);
    }

    private static String rack(final int rack) {
        return "-Dcheshire.role.failure-domain=rack-" + rack;
    }

    /** The same with a second coordinator, which joins the first one and stands by. */
    public ClusterPlan withStandby() {
        final List<RoleProcess> all = new ArrayList<>(processes);
        final RoleProcess first = processes.getFirst();
        all.add(
                1,
                new RoleProcess(
                        first.name() + "-1",
                        first.role(),
                        first.jvmFlags(),
                        onAnyPort(first.arguments()),
                        onAnyPort(first.again())));
        return new ClusterPlan(all);
    }

    /** Two coordinators can't share the first one's ports. */
    private static List<String> onAnyPort(final List<String> coordinator) {
        final List<String> moved = new ArrayList<>(coordinator);
        for (final String flag : List.of(CLUSTER_PORT, OPS_PORT)) {
            moved.set(moved.lastIndexOf(flag) + 1, Integer.toString(ANY_PORT));
        }
        return moved;
    }

    private static List<String> nodeArguments(
            final Request request, final List<String> shared, final int node, final int port) {
        return with(
                with(with(ANY_LIFELINE_PORT, shared), channel(request, node + 1)),
                "--node-id",
                Integer.toString(node),
                CLUSTER_PORT,
                Integer.toString(port),
                OPS_PORT,
                Integer.toString(request.opsPorts().get(node + 1)),
                // Sixteen processes share this host's cores.
                "-Dcheshire.device.threads=1",
                "-Dcheshire.threads=shared");
    }

    /** The port of a member that others may join through, else any free one. */
    private static int portOf(final Request request, final int member) {
        return member < request.memberPorts().size() ? request.memberPorts().get(member) : ANY_PORT;
    }

    private static List<String> channel(final Request request, final int member) {
        return request.udpPorts().isEmpty()
                ? List.of()
                : List.of(
                        "--channel",
                        "aeron:udp?endpoint=127.0.0.1:" + request.udpPorts().get(member));
    }

    private static List<String> seed(final int port) {
        return List.of("--seed", "127.0.0.1:" + port);
    }

    private static List<String> with(final List<String> shared, final String... more) {
        return with(shared, List.of(more));
    }

    private static List<String> with(final List<String> shared, final List<String> more) {
        final List<String> all = new ArrayList<>(shared);
        all.addAll(more);
        return all;
    }
}

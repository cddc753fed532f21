package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.runtime.ControlConfig;
import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.expertnode.runtime.ExpertNodeConfig;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.EdgeConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.router.runtime.engine.EngineConfig;
import io.cheshire.router.runtime.routing.RecorderConfig;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.runtime.TransportConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * All that a process goes by, read once at its start. Every section is checked in every process, whatever its role, so
 * that one file for all hosts is right or wrong on all of them; files that it names are looked at by those that use
 * them.
 *
 * @param model        what is served
 * @param nodes        expert nodes of the cluster
 * @param sharing      whether agents share a thread
 * @param device       what computes
 * @param role         what tells this process from the others of its kind
 * @param drainTimeout longest wait for running requests at the end
 * @param transport    the data plane
 * @param expertNode   what an expert node does
 * @param engine       what a router does
 * @param recorder     what it records
 * @param edge         where it speaks HTTP
 * @param control      the control plane
 */
public record ProcessConfig(
        ModelSettings model,
        int nodes,
        ThreadSharing sharing,
        DeviceConfig device,
        RoleConfig role,
        Duration drainTimeout,
        TransportConfig transport,
        ExpertNodeConfig expertNode,
        EngineConfig engine,
        RecorderConfig recorder,
        EdgeConfig edge,
        ControlConfig control) {
    /** For commands that have a flag for it. */
    public static final String NODES = "cheshire.nodes";

    private static final String DRAIN_TIMEOUT = "cheshire.shutdown.drain-timeout";
    private static final String OFF = "off";
    /** Where operations of a router are; those of others lie elsewhere, so that all find room on one host. */
    private static final int ROUTER_OPS_PORT = 9090;

    private static final int COORDINATOR_OPS_PORT = 9089;
    /** The node's number is added to it. */
    private static final int NODE_OPS_PORTS = 19_000;

    /** Reads it for a process that is the whole cluster: its parts agree by construction, whatever a file says. */
    public static ProcessConfig alone(final SettingReader root) {
        final Map<String, Object> fixed = new LinkedHashMap<>();
        fixed.put(CoordinatorConfig.EXPECTED_NODES, nodes(root));
        fixed.put(TransportConfig.DRIVER_MODE, ThreadSharing.from(root) == ThreadSharing.SHARED ? "invoker" : "thread");
        fixed.put(TransportConfig.DRIVER_DIRECTORY, "");
        fixed.put(TransportConfig.LIFELINES, OFF);
        // All nodes end with this process, so replicas would only cost memory: none unless asked for.
        ifAuto(root, fixed, CoordinatorConfig.REPLICAS, 1);
        ifAuto(root, fixed, TransportConfig.FRAME_MAC, OFF); // no frame leaves the process
        ifAuto(root, fixed, EngineConfig.LANE_FILL, "packed"); // the one device is shared
        return from(root.with(fixed), ControlConfig::alone, RoleConfig::from, role -> ROUTER_OPS_PORT);
    }

    /** Reads it for a process that may host the coordinator of a cluster. */
    public static ProcessConfig coordinator(final SettingReader root) {
        return from(member(root), ControlConfig::joining, RoleConfig::from, role -> COORDINATOR_OPS_PORT);
    }

    /** Reads it for a router of a cluster. */
    public static ProcessConfig router(final SettingReader root) {
        return from(member(root), ControlConfig::joining, RoleConfig::ofRouter, role -> ROUTER_OPS_PORT);
    }

    /** Reads it for an expert node of a cluster. */
    public static ProcessConfig expertNode(final SettingReader root) {
        return from(
                member(root),
                ControlConfig::joining,
                RoleConfig::ofExpertNode,
                role -> NODE_OPS_PORTS + Math.clamp(role.nodeId(), 0, RoleConfig.MAX_MEMBER_ID));
    }

    /** Reads it for a process that starts those of a cluster and is none of them. */
    public static ProcessConfig launcher(final SettingReader root) {
        return from(member(root), ControlConfig::alone, RoleConfig::from, role -> ROUTER_OPS_PORT);
    }

    /** The API of a router. */
    public ApiConfig http() {
        return edge.api();
    }

    /** The operations listener of any process. */
    public OpsConfig ops() {
        return edge.ops();
    }

    private static SettingReader member(final SettingReader root) {
        return root.with(Map.of(CoordinatorConfig.EXPECTED_NODES, nodes(root)));
    }

    /** The one number that many parts derive theirs from: refused under the name that its user knows. */
    private static int nodes(final SettingReader root) {
        final int most = CoordinatorConfig.maxNodes(root);
        final int nodes = root.number(NODES, Integer.MIN_VALUE, Integer.MAX_VALUE);
        root.require(nodes >= 1 && nodes <= most, NODES, "must be 1 to " + most + ", " + CoordinatorConfig.MAX_NODES);
        return Math.clamp(nodes, 1, most);
    }

    /** What the word {@code auto} means for a process that is the whole cluster. */
    private static void ifAuto(
            final SettingReader root, final Map<String, Object> fixed, final String key, final Object meaning) {
        if (root.isAuto(key)) {
            fixed.put(key, meaning);
        }
    }

    private static ProcessConfig from(
            final SettingReader root,
            final Function<SettingReader, ControlConfig> control,
            final Function<SettingReader, RoleConfig> role,
            final ToIntFunction<RoleConfig> opsPort) {
        final RoleConfig own = role.apply(root);
        return new ProcessConfig(
                ModelSettings.from(root),
                nodes(root),
                ThreadSharing.from(root),
                DeviceConfig.from(root),
                own,
                root.duration(DRAIN_TIMEOUT, Duration.ZERO, Duration.ofDays(1)),
                TransportConfig.from(root),
                ExpertNodeConfig.from(root),
                EngineConfig.from(root),
                RecorderConfig.from(root),
                EdgeConfig.from(root, opsPort.applyAsInt(own)),
                control.apply(root));
    }
}

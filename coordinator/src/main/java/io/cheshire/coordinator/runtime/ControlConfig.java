package io.cheshire.coordinator.runtime;

import io.cheshire.settings.SettingReader;

/**
 * All that a process goes by in the control plane.
 *
 * @param cluster     the cluster and its messages
 * @param coordinator what the coordinator does, if it is hosted here
 * @param member      what an expert node or a router does
 */
public record ControlConfig(ClusterConfig cluster, CoordinatorConfig coordinator, MemberConfig member) {
    /** Reads it for a process that is the whole cluster. */
    public static ControlConfig alone(final SettingReader root) {
        return new ControlConfig(ClusterConfig.alone(root), CoordinatorConfig.from(root), MemberConfig.from(root));
    }

    /** Reads it for a process that forms a cluster with others: it must say which, and be safe from strangers. */
    public static ControlConfig joining(final SettingReader root) {
        return new ControlConfig(ClusterConfig.joining(root), CoordinatorConfig.from(root), MemberConfig.from(root));
    }
}

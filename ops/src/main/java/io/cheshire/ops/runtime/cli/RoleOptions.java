package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.ClusterConfig;
import io.cheshire.ops.runtime.ParentWatch;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.process.RoleConfig;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of the commands that run one role of a cluster. */
final class RoleOptions {
    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            description = "Process to join first, normally the coordinator; may be given several times.")
    private List<String> seeds = List.of();

    @Option(
            names = "--cluster-host",
            paramLabel = "ADDRESS",
            description = "Control-plane address. Default: 127.0.0.1.")
    private @Nullable String clusterHost;

    @Option(names = "--cluster-port", paramLabel = "PORT", description = "Control-plane port; 0 takes a free one.")
    private @Nullable Integer clusterPort;

    @Option(
            names = "--aeron-dir",
            paramLabel = "DIR",
            description = "Directory of this host's media driver. Default: a driver of this process's own.")
    private @Nullable String aeronDirectory;

    @Option(
            names = "--channel",
            paramLabel = "CHANNEL",
            description =
                    "Data-plane channel on which this process listens: aeron:ipc where all share a media driver, else"
                            + " aeron:udp?endpoint=HOST:PORT with an address of this host. Default: aeron:ipc.")
    private @Nullable String channel;

    @Option(names = "--exit-with-parent", hidden = true, description = "End when standard input ends.")
    private boolean exitWithParent;

    /** One flag as configuration, if it was given. */
    static Map<String, Object> flag(final String key, final @Nullable Object value) {
        return value == null ? Map.of() : Map.of(key, value);
    }

    /**
     * Flags over file over defaults.
     *
     * @param more what the flags of the command itself gave
     */
    Settings settings(final Map<String, Object> more) {
        final Map<String, Object> flags = new LinkedHashMap<>(server.flags());
        flags.putAll(more);
        flags.putAll(flag(RoleConfig.CHANNEL, channel));
        flags.putAll(flag(ClusterConfig.SEEDS, seeds.isEmpty() ? null : seeds));
        flags.putAll(flag(ClusterConfig.HOST, clusterHost));
        flags.putAll(flag(ClusterConfig.PORT, clusterPort));
        if (aeronDirectory != null) {
            flags.put(TransportConfig.DRIVER_MODE, "external");
            flags.put(TransportConfig.DRIVER_DIRECTORY, aeronDirectory);
        }
        return Settings.load(server.configFile(), flags);
    }

    /**
     * The signal that ends this process in order.
     *
     * @param drainsWithoutParent what happens when the process that started this one is gone: true ends in order; false
     *                            at once, since the whole cluster is going and nobody is left to take over the units
     */
    ShutdownSignal shutdownSignal(final boolean drainsWithoutParent) {
        final ShutdownSignal signal = ShutdownSignal.install();
        if (exitWithParent) {
            ParentWatch.start(
                    drainsWithoutParent
                            ? signal::request
                            : () -> Runtime.getRuntime().halt(0));
        }
        return signal;
    }
}

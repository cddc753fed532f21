package io.cheshire.ops.runtime.cli;

import com.typesafe.config.ConfigFactory;
import io.cheshire.ops.runtime.ParentWatch;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of the commands that run one role of a cluster. */
final class RoleOptions {
    private static final String CHANNEL = "cheshire.role.channel";
    private static final int MAX_MEMBER_ID = 4095;

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

    /** The data-plane channel in force. */
    static String channel(final Settings settings) {
        return settings.config().getString(CHANNEL);
    }

    /** The member's number in force; refused where neither flag nor file nor environment gives one. */
    static int memberId(final Settings settings, final String key, final String flag) {
        final int id = settings.config().getInt(key);
        if (id < 0 || id > MAX_MEMBER_ID) {
            throw new IllegalArgumentException((id == -1 ? key + " isn't given" : key + " is " + id)
                    + "; give the number" + " of this member, 0 to " + MAX_MEMBER_ID + ", with " + flag
                    + " or in the file of --config");
        }
        return id;
    }

    /**
     * Flags over file over defaults.
     *
     * @param idKey setting of the member's number; empty where it has none
     * @param id    what the flag for it gave, or null
     */
    Settings settings(final String idKey, final @Nullable Integer id) {
        final Map<String, Object> flags = new LinkedHashMap<>(server.flags());
        if (id != null) {
            flags.put(idKey, id);
        }
        if (channel != null) {
            flags.put(CHANNEL, channel);
        }
        if (!seeds.isEmpty()) {
            flags.put("cheshire.cluster.seeds", seeds);
        }
        if (clusterHost != null) {
            flags.put("cheshire.cluster.host", clusterHost);
        }
        if (clusterPort != null) {
            flags.put("cheshire.cluster.port", clusterPort);
        }
        if (aeronDirectory != null) {
            flags.put("cheshire.transport.driver.mode", "external");
            flags.put("cheshire.transport.driver.directory", aeronDirectory);
        }
        final Settings settings = Settings.load(server.configFile(), flags);
        return settings.with(ConfigFactory.parseMap(
                Map.of("cheshire.coordinator.expected-nodes", settings.config().getInt("cheshire.nodes"))));
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

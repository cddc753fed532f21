package io.cheshire.ops.runtime.doctor;

import io.cheshire.ops.core.doctor.Examination;
import io.cheshire.ops.core.doctor.Needs;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.DriverStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Examines this host for a configuration: a few seconds, and nothing is left behind. */
public final class Doctor {
    private static final String SEVERAL = "\n";
    private static final String HEAD = "configuration: ";

    private final SystemFiles files = new SystemFiles(Path.of("/"));

    private Doctor() {}

    /**
     * Examines.
     *
     * @param settings read here, since they may be wrong
     * @param model    the model directory that is asked for, or null; counts where the settings are wrong
     */
    public static Examination examine(final Supplier<Settings> settings, final @Nullable Path model)
            throws InterruptedException {
        return new Doctor().found(settings, model);
    }

    private Examination found(final Supplier<Settings> source, final @Nullable Path model) throws InterruptedException {
        final Understood understood = understand(source);
        // Where they are wrong, what the defaults ask for is still worth a look.
        final ProcessConfig config = understood.config != null
                ? understood.config
                : Settings.load(null, model == null ? Map.of() : Map.of(ModelSettings.DIRECTORY, model.toString()))
                        .read(ProcessConfig::launcher);
        final boolean isNode = config.role().nodeId() >= 0;
        final boolean isMember = !config.control().cluster().founding().seeds().isEmpty();
        final Needs needs = needs(config, isMember);
        final ControlGroup group = new ControlGroup(files);
        final DeviceConfig device = config.device();
        return Examination.of(
                new Examination.Facts(
                        ProcessProbe.jvm(),
                        ProcessProbe.kernels(device.threads().count()),
                        ProcessProbe.cores(files, group, device.threads().count()),
                        ProcessProbe.limits(files),
                        ProcessProbe.temporary(),
                        HostProbe.find(files, group, device),
                        understood.config == null
                                ? null
                                : DriverFilesProbe.find(config.transport(), needs.driverBytes()),
                        understood.config == null ? null : NetworkProbe.find(config, isMember, isNode),
                        ModelProbe.find(config.model().directory(), config.nodes()),
                        understood.problems),
                needs);
    }

    private static Needs needs(final ProcessConfig config, final boolean isMember) {
        final int termBytes = config.transport().termBufferBytes();
        final boolean isNode = config.role().nodeId() >= 0;
        final int channels = DataPlane.CHANNELS_PER_LINK * (isNode ? 1 : config.nodes());
        final int most = isNode
                ? DataPlane.CHANNELS_PER_LINK * config.transport().links().maxRouters()
                : channels;
        final boolean usesNetwork = !Channels.isIpc(config.role().channel());
        return new Needs(
                config.nodes(),
                config.role().nodeId(),
                config.control().coordinator().replicas().perUnit(),
                config.engine().kv().bytes(),
                DriverStorage.neededBytes(termBytes, channels),
                channels,
                DriverStorage.neededBytes(termBytes, most),
                usesNetwork,
                isMember || usesNetwork);
    }

    /** Settings, or what is wrong with them. */
    private record Understood(@Nullable ProcessConfig config, List<String> problems) {}

    /** As the start that it would be: of an expert node, of another member, or of all in one. */
    private static Understood understand(final Supplier<Settings> source) {
        try {
            final Settings settings = source.get();
            final ProcessConfig config = settings.read(ProcessConfig::launcher);
            if (!config.control().cluster().founding().seeds().isEmpty()) {
                final Function<SettingReader, ProcessConfig> role =
                        config.role().nodeId() >= 0 ? ProcessConfig::expertNode : ProcessConfig::router;
                return new Understood(settings.read(role), List.of());
            }
            return new Understood(config, List.of());
        } catch (final IllegalArgumentException refused) {
            return new Understood(null, problems(String.valueOf(refused.getMessage())));
        }
    }

    /** Several stand on a line each, below how many there are. */
    static List<String> problems(final String message) {
        return message.contains(SEVERAL)
                ? message.lines().skip(1).map(String::strip).toList()
                : List.of(message.startsWith(HEAD) ? message.substring(HEAD.length()) : message);
    }
}

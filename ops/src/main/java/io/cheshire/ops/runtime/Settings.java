package io.cheshire.ops.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import io.cheshire.coordinator.runtime.ClusterConfig;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RoleConfig;
import io.cheshire.settings.SettingReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The effective configuration of a process: flags over environment over file over {@code reference.conf}. Immutable.
 * Only {@link #read} looks into it, and what is read is typed.
 */
public final class Settings {
    private static final String ROOT = "cheshire";
    private static final String DEFAULTS = "reference.conf";

    /** Flags that errors name beside the setting. */
    private static final Map<String, String> FLAGS = Map.of(
            ProcessConfig.NODES, "--nodes",
            DeviceConfig.THREADS, "--threads",
            ModelSettings.PRECISION, "--precision",
            ModelSettings.ALIASES, "--served-model-name",
            RoleConfig.NODE_ID, "--node-id",
            RoleConfig.ROUTER_ID, "--router-id",
            ApiConfig.PORT, "--port",
            OpsConfig.PORT, "--ops-port",
            ClusterConfig.HOST, "--cluster-host",
            ClusterConfig.PORT, "--cluster-port");

    private final Config config;
    private final List<String> unknown;

    private Settings(final Config config, final List<String> unknown) {
        this.config = config;
        this.unknown = unknown;
    }

    /**
     * Loads the layers.
     *
     * @param file  given with {@code --config}, or null
     * @param flags settings from the command line, by full path
     * @throws IllegalArgumentException the file can't be read, or something is no HOCON
     */
    public static Settings load(final @Nullable Path file, final Map<String, ?> flags) {
        final Config reference = ConfigFactory.defaultReferenceUnresolved();
        try {
            final Config asked = ConfigFactory.parseMap(flags, "command line")
                    .withFallback(ConfigFactory.systemEnvironmentOverrides())
                    .withFallback(file == null ? ConfigFactory.empty() : parsed(file));
            final Config all = asked.withFallback(ConfigFactory.systemProperties())
                    .withFallback(reference)
                    .resolve();
            return new Settings(all, UnknownKeys.in(asked, reference, ROOT));
        } catch (final ConfigException cause) {
            throw new IllegalArgumentException("configuration: " + cause.getMessage(), cause);
        }
    }

    private static Config parsed(final Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException("--config " + file + ": no such file, or not readable");
        }
        return ConfigFactory.parseFile(
                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    }

    /** These settings with others laid over them, by full path. */
    public Settings with(final Map<String, ?> overrides) {
        return new Settings(
                ConfigFactory.parseMap(overrides, "overrides")
                        .withFallback(config)
                        .resolve(),
                unknown);
    }

    /**
     * What the process goes by.
     *
     * @param from such as {@code ProcessConfig::alone}
     * @throws IllegalArgumentException names every wrong value, and every key that no {@code reference.conf} names: a
     *                                  misspelt key must not silently leave a default in force
     */
    public <T> T read(final Function<SettingReader, T> from) {
        final SettingReader reader = SettingReader.of(config, FLAGS);
        unknown.forEach(reader::problem);
        final T read = from.apply(reader);
        reader.throwIfProblems();
        return read;
    }

    /** Nobody but {@code reference.conf} says something about it. */
    public boolean isDefault(final String key) {
        return DEFAULTS.equals(config.getValue(key).origin().resource());
    }

    /** The part that people set, as it is in force, for the log at start. */
    public String render() {
        return config.getConfig(ROOT)
                .root()
                .render(ConfigRenderOptions.concise().setFormatted(true).setJson(false));
    }
}

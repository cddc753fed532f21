package io.cheshire.ops.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.HubCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The effective configuration of a process: flags over environment over file over {@code reference.conf}. Immutable. */
public final class Settings {
    private static final String ROOT = "cheshire";
    /** Every 404 lists the names. */
    private static final int MAX_NAME_CHARS = 256;

    private final Config config;

    private Settings(final Config config) {
        this.config = config;
    }

    /**
     * Loads and checks. Keys under {@code cheshire} that no {@code reference.conf} names are refused, all of them at once:
     * a misspelt key must not silently leave a default in force.
     *
     * @param file  given with {@code --config}, or null
     * @param flags settings from the command line, by full path
     */
    public static Settings load(final @Nullable Path file, final Map<String, Object> flags) {
        final Config reference = ConfigFactory.defaultReferenceUnresolved();
        Config user = ConfigFactory.empty();
        if (file != null) {
            if (!Files.isReadable(file)) {
                throw new IllegalArgumentException("--config " + file + ": no such file, or not readable");
            }
            user = ConfigFactory.parseFile(
                    file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
        }
        final Config asked = ConfigFactory.parseMap(flags, "command line")
                .withFallback(ConfigFactory.systemEnvironmentOverrides())
                .withFallback(user);
        final Config overrides = asked.withFallback(ConfigFactory.systemProperties());
        refuseUnknownKeys(asked, reference);
        try {
            final Config all = overrides.withFallback(reference).resolve();
            checkNodes(all);
            final Settings settings = new Settings(all);
            // Refused here, not when the model has been read.
            var _ = settings.modelAliases();
            return settings;
        } catch (final ConfigException cause) {
            throw new IllegalArgumentException("configuration: " + cause.getMessage(), cause);
        }
    }

    /** The one number that many parts derive theirs from: refused here, under the name that its user knows. */
    private static void checkNodes(final Config config) {
        final int nodes = config.getInt("cheshire.nodes");
        final int most = config.getInt("cheshire.coordinator.max-nodes");
        if (nodes < 1 || nodes > most) {
            throw new IllegalArgumentException("cheshire.nodes (--nodes) is " + nodes + "; it must be from 1 to " + most
                    + ", cheshire.coordinator.max-nodes");
        }
    }

    private static void refuseUnknownKeys(final Config asked, final Config reference) {
        if (!asked.hasPath(ROOT)) {
            return;
        }
        final List<String> unknown = new ArrayList<>();
        collectUnknown(asked.getConfig(ROOT).root(), ROOT, reference, unknown);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("configuration: unknown keys " + unknown
                    + "; every known key stands in a module's reference.conf with its meaning");
        }
    }

    private static void collectUnknown(
            final com.typesafe.config.ConfigObject object,
            final String path,
            final Config reference,
            final List<String> unknown) {
        for (final Map.Entry<String, com.typesafe.config.ConfigValue> entry : object.entrySet()) {
            final String key = path + "." + entry.getKey();
            final com.typesafe.config.ConfigValue known = valueAt(reference, key);
            if (known == null) {
                unknown.add(key);
            } else if (entry.getValue() instanceof com.typesafe.config.ConfigObject child
                    && known instanceof com.typesafe.config.ConfigObject expected
                    && !expected.isEmpty()) {
                collectUnknown(child, key, reference, unknown);
            }
        }
    }

    private static com.typesafe.config.@Nullable ConfigValue valueAt(final Config reference, final String path) {
        com.typesafe.config.ConfigValue at = reference.root();
        for (final String part : path.split("\\.", -1)) {
            if (!(at instanceof com.typesafe.config.ConfigObject object) || object.get(part) == null) {
                return null;
            }
            at = object.get(part);
        }
        return at;
    }

    /** These settings with others laid over them. */
    public Settings with(final Config overrides) {
        return new Settings(overrides.withFallback(config).resolve());
    }

    /** Everything, for the modules' own parsers. */
    public Config config() {
        return config;
    }

    public Path modelDirectory() {
        return Path.of(config.getString("cheshire.model.directory"))
                .toAbsolutePath()
                .normalize();
    }

    /** The name the API offers. */
    public String modelName() {
        final String name = config.getString("cheshire.model.name");
        return name.isEmpty() ? HubCache.modelName(modelDirectory()) : name;
    }

    /**
     * Further names that requests may use; each once, and not the first one again.
     *
     * @throws IllegalArgumentException a name is blank or too long
     */
    public List<String> modelAliases() {
        return modelAliases(config, modelName());
    }

    /** The same, where the settings are a configuration by now. */
    public static List<String> modelAliases(final Config config, final String modelName) {
        final Set<String> names = new LinkedHashSet<>(config.getStringList("cheshire.model.aliases"));
        for (final String name : names) {
            if (name.isBlank() || name.length() > MAX_NAME_CHARS) {
                throw new IllegalArgumentException("cheshire.model.aliases (--served-model-name) has a name of "
                        + name.length() + " characters; it must have 1 to " + MAX_NAME_CHARS + ", not only blanks");
            }
        }
        names.remove(modelName);
        return List.copyOf(names);
    }

    /** bf16 or fp32. */
    public Precision precision() {
        final String value = config.getString("cheshire.model.precision");
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "bf16" -> Precision.BF16;
            case "fp32" -> Precision.FP32;
            default ->
                throw new IllegalArgumentException(
                        "cheshire.model.precision is '" + value + "'; it must be bf16 or fp32");
        };
    }

    /** The part that people set, as it is in force, for the log at start. */
    public String render() {
        return config.getConfig(ROOT)
                .root()
                .render(ConfigRenderOptions.concise().setFormatted(true).setJson(false));
    }
}

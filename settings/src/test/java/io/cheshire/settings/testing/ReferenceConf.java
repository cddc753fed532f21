package io.cheshire.settings.testing;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.cheshire.settings.SettingReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The settings that {@code reference.conf} names, for tests that hold them against what the code reads. */
public final class ReferenceConf {
    /** Not resolved, so that neither system properties nor the environment are among them. */
    private static final ConfigObject REFERENCE =
            ConfigFactory.defaultReferenceUnresolved().root();

    private ReferenceConf() {}

    /** Full keys of all settings in these sections; a section may be a setting itself. */
    public static Set<String> keys(final String... sections) {
        final Set<String> keys = new TreeSet<>();
        for (final String section : sections) {
            collect(section, Objects.requireNonNull(at(section), section), keys);
        }
        return keys;
    }

    /** Whether there is a setting or a section of this name. */
    public static boolean has(final String path) {
        return at(path) != null;
    }

    private static @Nullable ConfigValue at(final String path) {
        ConfigValue value = REFERENCE;
        for (final String name : path.split("\\.", -1)) {
            final ConfigValue child = value instanceof final ConfigObject object ? object.get(name) : null;
            if (child == null) {
                return null;
            }
            value = child;
        }
        return value;
    }

    private static void collect(final String path, final ConfigValue value, final Set<String> keys) {
        if (value instanceof final ConfigObject object && !object.isEmpty()) {
            object.forEach((name, child) -> collect(path + "." + name, child, keys));
        } else {
            keys.add(path);
        }
    }

    /** Those of them that nobody asks for when this reads. */
    public static Set<String> unread(final Function<SettingReader, ?> from, final String... sections) {
        final SettingReader reader = SettingReader.of(ConfigFactory.load());
        var _ = from.apply(reader);
        reader.throwIfProblems();
        final Set<String> unread = keys(sections);
        unread.removeAll(reader.keysRead());
        return unread;
    }

    /** The reference, but every setting of these sections is something that none can be. */
    public static Config everyValueWrong(final String... sections) {
        Config wrong = ConfigFactory.load();
        for (final String key : keys(sections)) {
            wrong = wrong.withValue(key, ConfigValueFactory.fromMap(Map.of("not", "a value")));
        }
        return wrong;
    }

    /** What is said when that is read; empty: nothing. */
    public static String saidOf(final Config config, final Function<SettingReader, ?> from) {
        try {
            SettingReader.read(config, from);
            return "";
        } catch (final IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    /**
     * Settings of a section about which its file says nothing: neither above them, nor above a setting of the same
     * block right before, nor above the section that they stand in.
     */
    public static Set<String> withoutComment(final String section) {
        final Set<String> silent = new TreeSet<>();
        collectSilent(section, (ConfigObject) Objects.requireNonNull(at(section)), false, silent);
        return silent;
    }

    private static void collectSilent(
            final String path, final ConfigObject object, final boolean isExplained, final Set<String> silent) {
        final List<Map.Entry<String, ConfigValue>> entries = new ArrayList<>(object.entrySet());
        entries.sort(Comparator.comparing((Map.Entry<String, ConfigValue> entry) -> file(entry.getValue()))
                .thenComparingInt(entry -> entry.getValue().origin().lineNumber()));
        int explainedLine = Integer.MIN_VALUE;
        for (final Map.Entry<String, ConfigValue> entry : entries) {
            final ConfigOrigin origin = entry.getValue().origin();
            final boolean explained = isExplained
                    || !origin.comments().isEmpty()
                    || origin.lineNumber() - explainedLine == 1
                    || origin.lineNumber() == explainedLine;
            if (entry.getValue() instanceof final ConfigObject child && !child.isEmpty()) {
                collectSilent(path + "." + entry.getKey(), child, explained, silent);
            } else if (!explained) {
                silent.add(path + "." + entry.getKey());
            }
            explainedLine = explained ? origin.lineNumber() : explainedLine;
        }
    }

    private static String file(final ConfigValue value) {
        return String.valueOf(value.origin().url());
    }
}

package io.cheshire.ops.runtime.process;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.cheshire.http.core.console.ConsoleFacts;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Settings in force with where each comes from, as people may see them: what is secret is not in them. */
final class ShownSettings {
    private static final String ROOT = "cheshire";
    private static final String DEFAULTS = "reference.conf";
    private static final String MASK = "(set, not shown)";

    private ShownSettings() {}

    /** Of a whole configuration, by their names. */
    static List<ConsoleFacts.Setting> of(final Config whole) {
        final Config known = ConfigFactory.defaultReferenceUnresolved();
        return whole.withOnlyPath(ROOT).entrySet().stream()
                .filter(entry -> isSetting(known, entry.getKey()))
                .map(entry -> shown(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(ConsoleFacts.Setting::key))
                .toList();
    }

    /** Properties of the JVM may begin alike and are read by others. */
    private static boolean isSetting(final Config known, final String key) {
        ConfigValue section = known.root();
        for (final String name : ConfigUtil.splitPath(key)) {
            if (!(section instanceof final ConfigObject names)) {
                return false;
            }
            if (names.isEmpty()) {
                return true;
            }
            section = names.get(name);
        }
        return section != null;
    }

    private static ConsoleFacts.Setting shown(final String key, final ConfigValue value) {
        final boolean isDefault = DEFAULTS.equals(value.origin().resource());
        return new ConsoleFacts.Setting(
                key, isSecret(key) ? masked(value) : rendered(value), origin(value.origin(), isDefault), isDefault);
    }

    /** Also what a later version may call so: a setting that is hidden for nothing does no harm. */
    private static boolean isSecret(final String key) {
        final String name = key.substring(key.lastIndexOf('.') + 1);
        return !key.endsWith(".tls.key")
                && (name.equals("key")
                        || name.contains("secret")
                        || name.contains("password")
                        || name.contains("token-value")
                        || name.endsWith("-key")
                        || name.equals("api-keys"));
    }

    private static String masked(final ConfigValue value) {
        if (value.unwrapped() instanceof final List<?> list) {
            return list.size() + " " + MASK;
        }
        return String.valueOf(value.unwrapped()).isEmpty() ? "" : MASK;
    }

    private static String rendered(final ConfigValue value) {
        return value.unwrapped() instanceof final String text
                ? text
                : value.render(ConfigRenderOptions.concise().setJson(true));
    }

    private static String origin(final ConfigOrigin origin, final boolean isDefault) {
        if (isDefault) {
            return "default";
        }
        if (origin.filename() != null) {
            return origin.lineNumber() > 0 ? origin.filename() + ":" + origin.lineNumber() : origin.filename();
        }
        return Map.of("hardcoded value", "this command", "system properties", "-D or system property")
                .getOrDefault(origin.description(), origin.description());
    }
}

package io.cheshire.ops.runtime.process;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.Locale;

/** Reads a setting that names one of a few choices. */
final class ConfigChoice {
    private ConfigChoice() {}

    /** The constant that the value names, in upper or lower case; any other value is refused with the choices there are. */
    static <E extends Enum<E>> E of(final Class<E> type, final Config config, final String path) {
        final String value = config.getString(path);
        for (final E constant : type.getEnumConstants()) {
            if (constant.name().equals(value.toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(path + " is '" + value + "'; it must be one of "
                + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT));
    }
}

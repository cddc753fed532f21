package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads settings with their ranges and collects every problem instead of stopping at the first. Used by one thread. */
final class ConfigReader {
    private final Config config;
    private final String prefix;
    private final List<String> problems;

    ConfigReader(final Config config, final String prefix) {
        this(config, prefix, new ArrayList<>());
    }

    ConfigReader(final Config config, final String prefix, final List<String> problems) {
        this.config = config;
        this.prefix = prefix;
        this.problems = problems;
    }

    List<String> problems() {
        return problems;
    }

    String text(final String key) {
        try {
            final String value = config.getString(prefix + "." + key);
            require(!value.isBlank(), prefix + "." + key + " must not be empty");
            return value;
        } catch (final ConfigException e) {
            problems.add(prefix + "." + key + ": " + e.getMessage());
            return "";
        }
    }

    /** A number, or the word {@code auto} for {@code auto}. */
    int numberOrAuto(final String key, final int least, final int most, final int auto) {
        final boolean isAuto = config.hasPath(prefix + "." + key)
                && config.getValue(prefix + "." + key).unwrapped().equals("auto");
        return isAuto ? auto : number(key, least, most);
    }

    int number(final String key, final int least, final int most) {
        try {
            final int value = config.getInt(prefix + "." + key);
            require(
                    value >= least && value <= most,
                    prefix + "." + key + " is " + value + ", but must be from " + least + " to " + most);
            return value;
        } catch (final ConfigException e) {
            problems.add(prefix + "." + key + ": " + e.getMessage());
            return least;
        }
    }

    Duration duration(final String key, final Duration least, final Duration most) {
        try {
            final Duration value = config.getDuration(prefix + "." + key);
            require(
                    value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
                    prefix + "." + key + " is " + value.toMillis() + " ms, but must be from " + least.toMillis()
                            + " ms to " + most.toMillis() + " ms; write it with a unit, such as \"5 s\"");
            return value;
        } catch (final ConfigException e) {
            problems.add(prefix + "." + key + ": " + e.getMessage());
            return least;
        }
    }

    double real(final String key, final double least, final double most) {
        try {
            final double value = config.getDouble(prefix + "." + key);
            require(
                    value >= least && value <= most,
                    prefix + "." + key + " is " + value + ", but must be from " + least + " to " + most);
            return value;
        } catch (final ConfigException e) {
            problems.add(prefix + "." + key + ": " + e.getMessage());
            return least;
        }
    }

    boolean flag(final String key) {
        try {
            return config.getBoolean(prefix + "." + key);
        } catch (final ConfigException e) {
            problems.add(prefix + "." + key + ": " + e.getMessage());
            return false;
        }
    }

    void require(final boolean holds, final String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    void throwIfProblems() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    problems.size() + " problem(s) in the configuration:\n  " + String.join("\n  ", problems));
        }
    }
}

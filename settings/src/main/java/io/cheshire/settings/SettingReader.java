package io.cheshire.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads the settings of one section of a configuration. A wrong value doesn't stop it: it is noted in the words
 * {@code key = value: must be what}, something that fits is answered in its place, and {@link #throwIfProblems} names
 * all of them at once, those of every section of the same configuration. Used by one thread.
 */
public final class SettingReader {
    private static final String SUCH_AS = ", such as 5 s";

    private final Problems problems;
    private final Config config;
    private final String path;
    private final boolean mute;

    private SettingReader(final Problems problems, final Config config, final String path, final boolean mute) {
        this.problems = problems;
        this.config = config;
        this.path = path;
        this.mute = mute;
    }

    /** Of a whole configuration, {@code reference.conf} included and resolved. */
    public static SettingReader of(final Config whole) {
        return of(whole, Map.of());
    }

    /**
     * The same.
     *
     * @param flags of the command line that set something, by the full key of it: errors name them, too
     */
    public static SettingReader of(final Config whole, final Map<String, String> flags) {
        return new SettingReader(new Problems(flags), whole, "", false);
    }

    /**
     * Reads what one class knows of a whole configuration.
     *
     * @param from such as {@code TransportConfig::from}
     * @throws IllegalArgumentException names every wrong value
     */
    public static <T> T read(final Config whole, final Function<SettingReader, T> from) {
        final SettingReader reader = of(whole);
        final T read = from.apply(reader);
        reader.throwIfProblems();
        return read;
    }

    /** The same with other values laid over, by their keys; problems are collected together. */
    public SettingReader with(final Map<String, ?> overrides) {
        return new SettingReader(problems, ConfigFactory.parseMap(overrides).withFallback(config), path, mute);
    }

    /** The section of this name within this one; problems are collected together. */
    public SettingReader section(final String name) {
        try {
            return new SettingReader(problems, config.getConfig(name), key(name), mute);
        } catch (final ConfigException wrong) {
            refuse(name, "must be a section of settings, { ... }");
            return new SettingReader(problems, ConfigFactory.empty(), key(name), true);
        }
    }

    /** The sections of a list; their keys count from zero. */
    public List<SettingReader> sections(final String name) {
        final List<? extends Config> listed = read(
                name, List.<Config>of(), "must be a list of sections, [{ ... }]", config::getConfigList, list -> true);
        final List<SettingReader> sections = new ArrayList<>();
        for (final Config each : listed) {
            sections.add(new SettingReader(problems, each, key(name) + "[" + sections.size() + "]", mute));
        }
        return sections;
    }

    /** The full key of this section. */
    public String section() {
        return path;
    }

    /** The full key of a setting of this section. */
    public String key(final String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** The whole configuration, for a library that reads settings of its own. */
    public Config whole() {
        return config;
    }

    /** A text that isn't blank. */
    public String text(final String name) {
        return read(name, "", "must be a text that isn't empty", config::getString, value -> !value.isBlank());
    }

    /** A text, which may be empty. */
    public String textOrEmpty(final String name) {
        return read(name, "", "must be a text", config::getString, value -> true);
    }

    /** A text that is never shown, which may be empty. */
    public String secret(final String name) {
        problems.read(key(name));
        try {
            return config.getString(name);
        } catch (final ConfigException wrong) {
            requireOfSecret(false, name, "must be a text");
            return "";
        }
    }

    /** Several texts, or none. */
    public List<String> texts(final String name) {
        return read(name, List.of(), "must be a list of texts, [\"...\"]", config::getStringList, value -> true);
    }

    public boolean flag(final String name) {
        return read(name, false, "must be true or false", config::getBoolean, value -> true);
    }

    /** A whole number from {@code least} to {@code most}. */
    public int number(final String name, final int least, final int most) {
        return (int) longNumber(name, least, most);
    }

    /** A whole number from {@code least} to {@code most}, or the word {@code auto} for {@code auto}. */
    public int numberOrAuto(final String name, final int least, final int most, final int auto) {
        return isAuto(name) ? auto : (int) whole(name, least, most, "auto, or ");
    }

    /** The same of 64 bits. */
    public long longNumber(final String name, final long least, final long most) {
        return whole(name, least, most, "");
    }

    private long whole(final String name, final long least, final long most, final String orElse) {
        return read(
                name,
                least,
                "must be " + orElse + range(least, most, Long.toString(least), Long.toString(most)),
                key -> {
                    final Number value = config.getNumber(key);
                    if (value.doubleValue() != Math.rint(value.doubleValue())) {
                        throw new ConfigException.BadValue(key, "not whole");
                    }
                    return value.longValue();
                },
                value -> value >= least && value <= most);
    }

    /** A number from {@code least} to {@code most}. */
    public double real(final String name, final double least, final double most) {
        return read(
                name,
                least,
                "must be a number, " + shown(least) + " to " + shown(most),
                config::getDouble,
                value -> value >= least && value <= most);
    }

    /** A size from {@code least} to {@code most} bytes, with or without a unit. */
    public long bytes(final String name, final long least, final long most) {
        return size(name, least, most, "");
    }

    /** The same, of 31 bits. */
    public int intBytes(final String name, final int least, final int most) {
        return (int) size(name, least, most, "");
    }

    /** A size, or the word {@code auto} for {@code auto}. */
    public long bytesOrAuto(final String name, final long least, final long most, final long auto) {
        return isAuto(name) ? auto : size(name, least, most, "auto, or ");
    }

    private long size(final String name, final long least, final long most, final String orElse) {
        return read(
                name,
                least,
                "must be " + orElse + "a size, " + range(least, most, Units.size(least), Units.size(most)),
                config::getBytes,
                value -> value >= least && value <= most);
    }

    /** A time from {@code least} to {@code most}. */
    public Duration duration(final String name, final Duration least, final Duration most) {
        return read(
                name,
                least,
                "must be a duration, " + Units.time(least) + " to " + Units.time(most) + SUCH_AS,
                config::getDuration,
                value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0);
    }

    /** The same in nanoseconds. */
    public long durationNs(final String name, final Duration least, final Duration most) {
        return duration(name, least, most).toNanos();
    }

    /** The same in whole milliseconds; what is less than one is cut off. */
    public long durationMs(final String name, final Duration least, final Duration most) {
        return duration(name, least, most).toMillis();
    }

    /** One of the constants, written in lower case with hyphens. */
    public <E extends Enum<E>> E choice(final String name, final Class<E> type) {
        final Map<String, E> choices = new LinkedHashMap<>();
        for (final E constant : type.getEnumConstants()) {
            choices.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
        }
        return choice(name, choices);
    }

    /** What one of the words means. */
    public <T> T choice(final String name, final Map<String, T> meanings) {
        final List<String> words = List.copyOf(meanings.keySet());
        final String last = words.getLast();
        final String others = String.join(", ", words.subList(0, words.size() - 1));
        final String word = read(
                name,
                last,
                "must be " + (others.isEmpty() ? last : others + " or " + last),
                key -> config.getString(key).toLowerCase(Locale.ROOT),
                meanings::containsKey);
        return Objects.requireNonNull(meanings.get(word));
    }

    /** Whether the setting is the word {@code auto}. */
    public boolean isAuto(final String name) {
        problems.read(key(name));
        return config.hasPath(name) && config.getValue(name).unwrapped().equals("auto");
    }

    /**
     * Notes what is wrong with a value that fits by itself; of what doesn't the first word counts.
     *
     * @param mustBe such as {@code must not exceed cheshire.coordinator.max-nodes (256)}
     * @return {@code holds}
     */
    public boolean require(final boolean holds, final String name, final String mustBe) {
        if (!holds) {
            refuse(name, mustBe);
        }
        return holds;
    }

    /** The same of what must not be shown, such as a key. */
    public boolean requireOfSecret(final boolean holds, final String name, final String mustBe) {
        if (!holds && !mute) {
            problems.add(key(name), "", mustBe);
        }
        return holds;
    }

    /** Notes a problem in words of its own, for what isn't the value of one setting. */
    public void problem(final String words) {
        problems.add(words);
    }

    /** Full keys of the settings that were asked for so far, of every section. */
    public Set<String> keysRead() {
        return problems.keysRead();
    }

    /** @throws IllegalArgumentException names every wrong value that was read so far, of every section */
    public void throwIfProblems() {
        problems.throwIfAny();
    }

    private <T> T read(
            final String name,
            final T instead,
            final String mustBe,
            final Function<String, ? extends T> get,
            final Predicate<? super T> fits) {
        problems.read(key(name));
        try {
            final T value = get.apply(name);
            if (fits.test(value)) {
                return value;
            }
        } catch (final ConfigException | ArithmeticException wrong) {
            // what it must be says more than the library does
        }
        refuse(name, mustBe);
        return instead;
    }

    private void refuse(final String name, final String mustBe) {
        if (!mute) {
            problems.add(key(name), " = " + valueOf(name), mustBe);
        }
    }

    private String valueOf(final String name) {
        if (!config.hasPathOrNull(name)) {
            return "(not set)";
        }
        if (config.getIsNull(name)) {
            return "null";
        }
        final Object value = config.getValue(name).unwrapped();
        return value instanceof String text && !text.isBlank()
                ? text
                : config.getValue(name).render(ConfigRenderOptions.concise());
    }

    private static String range(final long least, final long most, final String leastShown, final String mostShown) {
        if (least == Long.MIN_VALUE || least == Integer.MIN_VALUE) {
            return "a whole number";
        }
        final boolean open = most == Long.MAX_VALUE || most == Integer.MAX_VALUE;
        return open ? leastShown + " or more" : leastShown + " to " + mostShown;
    }

    private static String shown(final double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}

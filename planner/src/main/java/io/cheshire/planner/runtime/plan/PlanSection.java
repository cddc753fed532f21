package io.cheshire.planner.runtime.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads one section of a plan. What is wrong is noted with its line, value and remedy, and something that fits is
 * answered in its place; keys that nobody asked for are wrong, too. Used by one thread.
 */
final class PlanSection {
    private final ConfigObject object;
    private final String path;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<String, List<PlanSection>> below = new LinkedHashMap<>();

    private PlanSection(final ConfigObject object, final String path, final List<String> problems) {
        this.object = object;
        this.path = path;
        this.problems = problems;
    }

    static PlanSection root(final Config plan, final List<String> problems) {
        return new PlanSection(plan.root(), "", problems);
    }

    boolean has(final String key) {
        known.add(key);
        return object.containsKey(key) && object.get(key).valueType() != ConfigValueType.NULL;
    }

    /** The section below, or an empty one. */
    PlanSection section(final String key) {
        return below.computeIfAbsent(key, name -> List.of(new PlanSection(objectBelow(name), full(name), problems)))
                .getFirst();
    }

    private ConfigObject objectBelow(final String key) {
        if (has(key)) {
            if (object.get(key) instanceof final ConfigObject found) {
                return found;
            }
            refuse(key, "must be a section, { ... }");
        }
        return ConfigFactory.empty().root();
    }

    /** Sections of a list. */
    List<PlanSection> sections(final String key) {
        return below.computeIfAbsent(key, this::listBelow);
    }

    private List<PlanSection> listBelow(final String key) {
        final List<PlanSection> made = new ArrayList<>();
        if (has(key)) {
            try {
                for (final ConfigObject each : object.toConfig().getObjectList(quoted(key))) {
                    made.add(new PlanSection(each, full(key) + "[" + made.size() + "]", problems));
                }
            } catch (final ConfigException wrong) {
                refuse(key, "must be a list of sections, [{ ... }]");
            }
        }
        return made;
    }

    /** Whether the value is a section instead of a word, such as {@code gamma { cv = 2 }}. */
    boolean isSection(final String key) {
        return has(key) && object.get(key) instanceof ConfigObject;
    }

    @Nullable
    String textOrNull(final String key) {
        return has(key) ? read(key, "must be a text", config -> config.getString(quoted(key)), "") : null;
    }

    String text(final String key, final String otherwise) {
        final String found = textOrNull(key);
        return found == null ? otherwise : found;
    }

    /** One of these words. */
    String word(final String key, final String otherwise, final List<String> words) {
        final String found = text(key, otherwise);
        if (!words.contains(found)) {
            refuse(key, "must be " + String.join(" or ", words));
            return otherwise;
        }
        return found;
    }

    /** One text, or a list of them. */
    List<String> texts(final String key) {
        if (!has(key)) {
            return List.of();
        }
        return object.get(key).valueType() == ConfigValueType.LIST
                ? read(key, "must be a list of texts", config -> config.getStringList(quoted(key)), List.of())
                : List.of(text(key, ""));
    }

    double real(final String key, final double otherwise, final double least, final double most) {
        return has(key) ? within(key, least, most, config -> config.getDouble(quoted(key))) : otherwise;
    }

    /** Whole numbers, one or a list. */
    List<Integer> counts(final String key, final List<Integer> otherwise, final int least, final int most) {
        if (!has(key)) {
            return otherwise;
        }
        final boolean list = object.get(key).valueType() == ConfigValueType.LIST;
        final String mustBe = "must be whole numbers from " + least + " to " + most;
        final List<Integer> found = read(
                key,
                mustBe,
                config -> list ? config.getIntList(quoted(key)) : List.of(config.getInt(quoted(key))),
                otherwise);
        if (found.isEmpty() || found.stream().anyMatch(each -> each < least || each > most)) {
            refuse(key, mustBe);
            return otherwise;
        }
        return found.stream().distinct().toList();
    }

    List<Double> reals(final String key, final List<Double> otherwise) {
        return has(key)
                ? read(key, "must be a list of numbers", config -> config.getDoubleList(quoted(key)), otherwise)
                : otherwise;
    }

    /** A time in seconds. */
    double seconds(final String key, final double otherwise, final double most) {
        return has(key)
                ? within(key, 0, most, config -> config.getDuration(quoted(key)).toNanos() * 1e-9)
                : otherwise;
    }

    /** A size in bytes. */
    long bytes(final String key, final long otherwise) {
        return has(key)
                ? read(key, "must be a size, such as 80 GiB", config -> config.getBytes(quoted(key)), otherwise)
                : otherwise;
    }

    /** What a text means. */
    <T> T parsed(final String key, final String mustBe, final Function<String, T> parse, final T otherwise) {
        return has(key)
                ? read(key, mustBe, config -> parse.apply(config.getString(quoted(key))), otherwise)
                : otherwise;
    }

    private double within(final String key, final double least, final double most, final Function<Config, Double> get) {
        final String mustBe = "must be from " + plain(least) + " to " + plain(most);
        final double found = read(key, mustBe, get, least);
        if (!(found >= least && found <= most)) {
            refuse(key, mustBe);
            return least;
        }
        return found;
    }

    private <T> T read(
            final String key, final String mustBe, final Function<Config, ? extends T> get, final T otherwise) {
        try {
            return get.apply(object.toConfig());
        } catch (final ConfigException | IllegalArgumentException | ArithmeticException wrong) {
            refuse(key, mustBe);
            return otherwise;
        }
    }

    /** Notes what is wrong with a value, and what it must be. */
    void refuse(final String key, final String mustBe) {
        final ConfigValue value = object.get(key);
        final String shown = value == null ? "(not set)" : value.render(ConfigRenderOptions.concise());
        final String words = where(value) + full(key) + " = " + shown + ": " + mustBe;
        if (!problems.contains(words)) {
            problems.add(words);
        }
    }

    private static String where(final @Nullable ConfigValue value) {
        if (value == null) {
            return "";
        }
        final ConfigOrigin origin = value.origin();
        final String file = origin.filename() == null ? origin.description() : origin.filename();
        return origin.lineNumber() < 0 ? file + ": " : file + ", line " + origin.lineNumber() + ": ";
    }

    /** Refuses keys that nobody asked for, here and below. */
    void refuseUnknown() {
        object.forEach((key, value) -> {
            if (!known.contains(key)) {
                problems.add(where(value) + full(key) + " is no setting of a plan; "
                        + (known.isEmpty()
                                ? "remove it"
                                : "did you mean " + full(nearest(key)) + "? There are "
                                        + String.join(
                                                ", ", known.stream().sorted().toList())));
            }
        });
        below.values().forEach(each -> each.forEach(PlanSection::refuseUnknown));
    }

    private String nearest(final String key) {
        return known.stream()
                .min(Comparator.comparingInt((String each) -> distance(key, each)))
                .orElseThrow();
    }

    /** Levenshtein's distance. */
    private static int distance(final String one, final String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            final int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                final int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                now[j] = Math.min(before[j - 1] + change, 1 + Math.min(before[j], now[j - 1]));
            }
            before = now;
        }
        return before[other.length()];
    }

    private String full(final String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String quoted(final String key) {
        return '"' + key + '"';
    }

    private static String plain(final double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** A duration as HOCON has it. */
    static Duration duration(final String text) {
        return ConfigFactory.parseMap(Map.of("v", text)).getDuration("v");
    }
}

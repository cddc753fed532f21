package io.cheshire.chaos.experiment.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A mapping of a YAML document that knows where everything stands in its file. Each field is asked for once; one that
 * nobody asked
 * for is refused by {@link #end}. One thread.
 */
final class LocatedYaml {
    private final String file;
    private final String what;
    private final Node at;
    private final Map<String, NodeTuple> fields = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();

    private LocatedYaml(final String file, final String what, final Node node) {
        this.file = file;
        this.what = what;
        this.at = node;
        if (!(node instanceof final MappingNode mapping)) {
            throw refusal(node, what + " must be fields, such as \"name: value\", and is " + describe(node));
        }
        for (final NodeTuple field : mapping.getValue()) {
            final String name = field.getKeyNode() instanceof final ScalarNode key ? key.getValue() : "?";
            if (fields.put(name, field) != null) {
                throw refusal(field.getKeyNode(), name + " stands twice in " + what + "; leave one");
            }
        }
    }

    /** The document of a file, which must be one mapping. */
    static LocatedYaml of(final String file, final String text) {
        return new LocatedYaml(file, "the file", YamlText.compose(file, text));
    }

    private static String describe(final Node node) {
        return switch (node) {
            case final ScalarNode scalar -> "\"" + scalar.getValue() + "\"";
            case final SequenceNode sequence -> "a list";
            default -> "fields";
        };
    }

    private ExperimentRefused refusal(final Node node, final String why) {
        return new ExperimentRefused(
                file + node.getStartMark().map(YamlText::place).orElse("") + ": " + why);
    }

    /** Why this field can't be as it is. */
    ExperimentRefused refuse(final String name, final String why) {
        final NodeTuple field = fields.get(name);
        return field == null ? refuse(why) : refusal(field.getValueNode(), name + ": " + why);
    }

    /** Why this mapping can't be as it is. */
    ExperimentRefused refuse(final String why) {
        return refusal(at, what + ": " + why);
    }

    boolean has(final String name) {
        known.add(name);
        return fields.containsKey(name);
    }

    private @Nullable Node take(final String name) {
        known.add(name);
        final NodeTuple field = fields.get(name);
        return field == null ? null : field.getValueNode();
    }

    /** A field's words; null without. */
    @Nullable
    String text(final String name) {
        final Node node = take(name);
        if (node == null) {
            return null;
        }
        if (node instanceof final ScalarNode scalar && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw refusal(node, name + ": " + describe(node) + " is no text; write some words after the colon");
    }

    String requiredText(final String name, final String example) {
        final String found = text(name);
        if (found == null) {
            throw refuse(name + " is missing; write " + name + ": " + example);
        }
        return found;
    }

    int integer(final String name, final int low, final int high, final int otherwise) {
        return (int) longInteger(name, low, high, otherwise);
    }

    long longInteger(final String name, final long low, final long high, final long otherwise) {
        final String found = text(name);
        if (found == null) {
            return otherwise;
        }
        try {
            final long value = Long.parseLong(found);
            if (value >= low && value <= high) {
                return value;
            }
        } catch (final NumberFormatException wrong) {
            throw refuse(name, "\"" + found + "\" is no whole number; write one from " + low + " to " + high);
        }
        throw refuse(name, found + " is out of range; write " + low + " to " + high);
    }

    /** A number, {@code 0.8} or {@code 80%}; null without. */
    @Nullable
    Double number(final String name, final double low, final double high) {
        final String found = text(name);
        if (found == null) {
            return null;
        }
        final boolean percent = found.endsWith("%");
        try {
            final double value = Double.parseDouble(percent ? found.substring(0, found.length() - 1) : found);
            final double share = percent ? value / 100 : value;
            if (share >= low && share <= high) {
                return share;
            }
        } catch (final NumberFormatException wrong) {
            throw refuse(name, "\"" + found + "\" is no number; write one from " + low + " to " + high);
        }
        throw refuse(name, found + " is out of range; write " + low + " to " + high);
    }

    @Nullable
    Duration time(final String name) {
        final String found = text(name);
        if (found == null) {
            return null;
        }
        return FileTimes.parse(found)
                .orElseThrow(() -> refuse(name, "\"" + found + "\" is no duration; write 500ms, 5s, 2m"));
    }

    /** One of an enum's constants, in lower case and with dashes; null without. */
    <E extends Enum<E>> @Nullable E word(final String name, final Class<E> type) {
        final String found = text(name);
        if (found == null) {
            return null;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> word(constant).equals(found))
                .findFirst()
                .orElseThrow(() -> refuse(
                        name,
                        "\"" + found + "\" is none of "
                                + String.join(
                                        ", ",
                                        Arrays.stream(type.getEnumConstants())
                                                .map(LocatedYaml::word)
                                                .toList())));
    }

    private static String word(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The mapping below a field; null without. */
    @Nullable
    LocatedYaml child(final String name) {
        final Node node = take(name);
        return node == null ? null : new LocatedYaml(file, name, node);
    }

    /** The mappings of a list; empty without. */
    List<LocatedYaml> children(final String name) {
        return items(name).stream()
                .map(item -> new LocatedYaml(file, "an entry of " + name, item))
                .toList();
    }

    /** Whole numbers of a list. */
    List<Integer> integers(final String name, final int low, final int high) {
        final List<Integer> found = new ArrayList<>();
        for (final Node item : items(name)) {
            final String text = item instanceof final ScalarNode scalar ? scalar.getValue() : "";
            if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < low || Integer.parseInt(text) > high) {
                throw refusal(item, name + ": " + describe(item) + " is no number from " + low + " to " + high);
            }
            found.add(Integer.valueOf(text));
        }
        return found;
    }

    private List<Node> items(final String name) {
        final Node node = take(name);
        if (node == null) {
            return List.of();
        }
        if (node instanceof final SequenceNode sequence) {
            return sequence.getValue();
        }
        throw refusal(node, name + " must be a list, with a dash before each entry, and is " + describe(node));
    }

    /** No field is left that nobody asked for. */
    void end() {
        fields.forEach((name, field) -> {
            if (!known.contains(name)) {
                throw refusal(
                        field.getKeyNode(),
                        what + " has no field \"" + name + "\"; it has " + String.join(", ", known));
            }
        });
    }
}

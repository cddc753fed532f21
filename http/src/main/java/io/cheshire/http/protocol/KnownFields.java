package io.cheshire.http.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code known-fields.table}: fields that other servers and their clients know and this one has no use for.
 * Each says which values ask for what happens anyway, and what becomes of all others. Immutable, read once.
 */
final class KnownFields {
    /** Where a field stands. */
    enum Place {
        CHAT,
        COMPLETION,
        /** What isn't said of it is as for chats. */
        RESPONSE,
        MESSAGE,
        PART,
        TOKENIZE,
        /** Of what a head that scores is asked. */
        SCORE
    }

    /** Types of which a hint may be. */
    enum Type {
        STRING("a string"),
        BOOLEAN("true or false"),
        NUMBER("a number"),
        LIST("a list"),
        OBJECT("an object"),
        ANY("anything");

        private final String words;

        Type(final String words) {
            this.words = words;
        }

        /** As an error says it. */
        String words() {
            return words;
        }

        boolean holds(final JsonNode value) {
            return switch (this) {
                case STRING -> value.isTextual();
                case BOOLEAN -> value.isBoolean();
                case NUMBER -> value.isNumber();
                case LIST -> value.isArray();
                case OBJECT -> value.isObject();
                case ANY -> true;
            };
        }
    }

    /**
     * One line of the table.
     *
     * @param nothing values that ask for nothing
     * @param hints   types of the values that are accepted without effect; empty: every other value is refused
     * @param remedy  what a refusal says; empty for hints
     */
    record Field(String name, List<JsonNode> nothing, List<Type> hints, String remedy) {
        Field {
            nothing = List.copyOf(nothing);
            hints = List.copyOf(hints);
        }

        /** The value asks for what happens anyway. */
        boolean asksForNothing(final JsonNode value) {
            return nothing.stream().anyMatch(candidate -> JsonValues.equal(candidate, value));
        }
    }

    private static final String FILE = "known-fields.table";
    private static final int COLUMNS = 5;
    private static final Map<Place, Map<String, Field>> TABLE = read();

    private KnownFields() {}

    /** The line for a field, or null: the table doesn't know it. */
    static @Nullable Field find(final Place place, final String name) {
        final Field own = fieldsOf(place).get(name);
        return own == null && place == Place.RESPONSE ? fieldsOf(Place.CHAT).get(name) : own;
    }

    /** Names that a place knows. */
    static Set<String> names(final Place place) {
        return fieldsOf(place).keySet();
    }

    private static Map<String, Field> fieldsOf(final Place place) {
        return Objects.requireNonNull(TABLE.get(place));
    }

    private static Map<Place, Map<String, Field>> read() {
        final Map<Place, Map<String, Field>> table = new EnumMap<>(Place.class);
        for (final Place place : Place.values()) {
            table.put(place, new HashMap<>());
        }
        final ObjectMapper mapper = new ObjectMapper();
        text().lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
            final String[] columns = line.split("\\s*\\|\\s*", COLUMNS);
            final Field field = field(mapper, columns, line);
            for (final Place place : places(columns[0])) {
                if (Objects.requireNonNull(table.get(place)).put(field.name(), field) != null) {
                    throw new IllegalStateException(FILE + " has two lines for: " + line);
                }
            }
        });
        return table;
    }

    private static Field field(final ObjectMapper mapper, final String[] columns, final String line) {
        if (columns.length < COLUMNS - 1) {
            throw new IllegalStateException(FILE + " has a line with too few columns: " + line);
        }
        final List<String> others = List.of(columns[3].split(" ", -1));
        final boolean isHint = others.getFirst().equals("hint");
        final String remedy = columns.length == COLUMNS ? columns[4] : "";
        if (isHint != remedy.isEmpty() || (!isHint && !columns[3].equals("refused"))) {
            throw new IllegalStateException(FILE + " has neither a hint nor a refusal with its remedy: " + line);
        }
        final List<Type> hints = others.stream()
                .skip(1)
                .map(type -> Type.valueOf(type.toUpperCase(Locale.ROOT)))
                .toList();
        try {
            return new Field(columns[1], List.of(mapper.readValue(columns[2], JsonNode[].class)), hints, remedy);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException(FILE + " has values that are no JSON: " + line, e);
        }
    }

    private static List<Place> places(final String column) {
        return column.equals("both")
                ? List.of(Place.CHAT, Place.COMPLETION)
                : List.of(Place.valueOf(column.toUpperCase(Locale.ROOT)));
    }

    private static String text() {
        try (InputStream file = Objects.requireNonNull(KnownFields.class.getResourceAsStream(FILE), FILE)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException e) {
            throw new UncheckedIOException(FILE + " can't be read", e);
        }
    }
}

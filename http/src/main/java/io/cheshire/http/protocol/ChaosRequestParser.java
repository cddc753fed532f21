package io.cheshire.http.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what the console asks of experiments: bounded bodies, known fields only. Thread-safe. */
public final class ChaosRequestParser {
    /** Longest body in bytes: a file and what is written about it. */
    public static final int MAX_BODY_BYTES = 128 << 10;

    private static final int FILE_CHARS = 64 << 10;
    private static final int WORD_CHARS = 32;
    private static final int WHY_CHARS = 200;

    private final RequestJson json;

    /** @param limits of JSON in general */
    public ChaosRequestParser(final HttpLimits.Json limits) {
        this.json = new RequestJson(limits);
    }

    /**
     * What is to be run.
     *
     * @param file text of an experiment file
     * @param on   on what, instead of what the file says
     * @param seed instead of the file's, or null
     * @param why  in the words of who asks
     */
    public record Run(String file, String on, @Nullable Long seed, String why) {}

    /** {@code {"file":"name: ...","on":"running","seed":7,"why":"..."}}; only a start needs {@code why}. */
    public Run run(final byte[] body, final boolean isStart) {
        final FieldReader fields = fields(body);
        final String file = required(fields, "file", FILE_CHARS);
        final String on = required(fields, "on", WORD_CHARS);
        final Long seed = fields.longOrNull("seed");
        if (seed != null && seed < 0) {
            throw ApiException.invalid("seed", "seed is " + seed + "; it must not be negative.");
        }
        final String why = isStart ? required(fields, "why", WHY_CHARS) : "";
        fields.finish(Map.of());
        return new Run(file, on, seed, why);
    }

    /** {@code {"why":"..."}}. */
    public String why(final byte[] body) {
        return only(body, "why", WHY_CHARS);
    }

    /** {@code {"report":"..."}}. */
    public String report(final byte[] body) {
        return only(body, "report", WORD_CHARS);
    }

    private String only(final byte[] body, final String name, final int mostChars) {
        final FieldReader fields = fields(body);
        final String text = required(fields, name, mostChars);
        fields.finish(Map.of());
        return text;
    }

    private static String required(final FieldReader fields, final String name, final int mostChars) {
        final String text = fields.text(name, mostChars);
        if (text == null || text.isBlank()) {
            throw ApiException.invalid(
                    name, name + " is missing; send a string of up to " + mostChars + " characters.");
        }
        return text;
    }

    private FieldReader fields(final byte[] body) {
        return new FieldReader(json.parseObject(body), "");
    }
}

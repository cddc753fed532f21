package io.cheshire.http.protocol;

import io.cheshire.settings.SettingReader;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may use the API from a browser (the CORS protocol of the Fetch standard).
 *
 * @param origins {@code scheme://host[:port]} each, or {@code *} alone for every page; empty: none
 */
public record Cors(List<String> origins) {
    /** The setting, for errors. */
    public static final String SETTING = "cheshire.router.http.cors.origins";

    private static final String ANY = "*";
    private static final int MAX_REQUESTED_HEADERS_CHARS = 1024;

    /** @throws IllegalArgumentException naming the entry that is no origin */
    public Cors {
        origins =
                origins.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
        final String wrong = wrong(origins);
        if (wrong != null) {
            throw new IllegalArgumentException(SETTING + " " + wrong);
        }
    }

    /** Reads the section {@code cors} of the edge. */
    public static Cors from(final SettingReader cors) {
        final List<String> origins = cors.texts("origins");
        final String wrong = wrong(origins);
        return cors.require(wrong == null, "origins", String.valueOf(wrong)) ? new Cors(origins) : off();
    }

    private static @Nullable String wrong(final List<String> origins) {
        if (origins.contains(ANY) && origins.size() > 1) {
            return "has * beside others; every page or those named, not both";
        }
        for (final String origin : origins) {
            if (!origin.equals(ANY) && !origin.toLowerCase(Locale.ROOT).matches("[a-z][a-z0-9+.-]*://[^/\\s]+")) {
                return "has '" + origin
                        + "', which is no origin; write scheme://host or scheme://host:port, without a path";
            }
        }
        return null;
    }

    /** No page may. */
    public static Cors off() {
        return new Cors(List.of());
    }

    /** Some page may. */
    public boolean isOn() {
        return !origins.isEmpty();
    }

    /** What {@code Access-Control-Allow-Origin} says to a page of {@code origin}, or null if it may not. */
    public @Nullable String allowed(final String origin) {
        if (origins.contains(ANY)) {
            return ANY;
        }
        return origins.contains(origin.toLowerCase(Locale.ROOT)) ? origin : null;
    }

    /**
     * Headers that a page may send: those it asks for, since none of them means more here than a key does.
     *
     * @param requested {@code Access-Control-Request-Headers}, or null
     */
    public static String headersFor(final @Nullable String requested) {
        return requested != null
                        && requested.length() <= MAX_REQUESTED_HEADERS_CHARS
                        && requested.matches("[A-Za-z0-9!#$%&'*+.^_`|~, \\t-]+")
                ? requested
                : "authorization, content-type";
    }
}

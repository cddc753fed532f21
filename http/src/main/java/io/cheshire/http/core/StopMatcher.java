package io.cheshire.http.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first of several stop strings in text that arrives in pieces. Text is released only once it can no longer
 * be part of a stop string, so none is ever leaked partly. Single-threaded; keeps at most the longest stop string and
 * one piece.
 */
public final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean matched;
    private @Nullable String found;

    /** A matcher for non-empty {@code stops}; an empty list holds nothing back. */
    public StopMatcher(final List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** A stop string was found; what comes later is ignored. */
    public boolean matched() {
        return matched;
    }

    /** The stop string that was found, or null. */
    public @Nullable String found() {
        return found;
    }

    /** Characters held back. */
    public int heldChars() {
        return held.length();
    }

    /** Adds a piece and returns the text that may be shown now: up to the stop string if one is complete. */
    public String push(final String piece) {
        if (matched) {
            return "";
        }
        held.append(piece);
        final int at = firstStop();
        if (at >= 0) {
            matched = true;
            return release(at);
        }
        return release(held.length() - longestOpenPrefix());
    }

    /** Adds a piece in which stop strings don't count, and releases everything. */
    public String pass(final String piece) {
        if (matched) {
            return "";
        }
        held.append(piece);
        return release(held.length());
    }

    /** The sequence is over: what is held back was no stop string. */
    public String finish() {
        return matched ? "" : release(held.length());
    }

    private String release(final int chars) {
        final String text = held.substring(0, chars);
        held.delete(0, matched ? held.length() : chars);
        return text;
    }

    private int firstStop() {
        int first = -1;
        for (final String stop : stops) {
            final int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
                found = stop;
            }
        }
        return first;
    }

    /** Length of the longest suffix of the held text that starts a stop string. */
    private int longestOpenPrefix() {
        int longest = 0;
        for (final String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (endsWith(stop, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean endsWith(final String stop, final int length) {
        final int start = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}

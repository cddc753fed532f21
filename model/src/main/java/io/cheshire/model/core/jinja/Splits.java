package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Strings cut into lists. */
final class Splits {
    private final Rendering rendering;

    Splits(final Rendering rendering) {
        this.rendering = rendering;
    }

    /** @param args separator (None: white space) and the most cuts */
    ListValue split(final Text text, final CallArgs.Bound args, final boolean fromLeft) {
        final long most = Numbers.asLong(args.get(1, -1L));
        final long cuts = most < 0 ? Long.MAX_VALUE : most;
        if (args.get(0, None.NONE) == None.NONE) {
            return ListValue.list(fromLeft ? words(text, cuts) : wordsFromRight(text, cuts));
        }
        final Text separator = TextOps.text(args.get(0));
        if (separator.isEmpty()) {
            throw TemplateFault.failed("empty separator");
        }
        return ListValue.list(
                fromLeft ? pieces(text, separator.value(), cuts) : piecesFromRight(text, separator.value(), cuts));
    }

    private void add(final List<Object> list, final Text text) {
        rendering.budget().items(1);
        rendering.budget().chars(0, text.units());
        list.add(text);
    }

    private List<Object> pieces(final Text text, final String separator, final long cuts) {
        final List<Object> result = new ArrayList<>();
        int start = 0;
        long left = cuts;
        for (int at = text.value().indexOf(separator); at >= 0 && left > 0; left--) {
            add(result, text.sub(start, at));
            start = at + separator.length();
            at = text.value().indexOf(separator, start);
        }
        add(result, text.sub(start, text.units()));
        return result;
    }

    private List<Object> piecesFromRight(final Text text, final String separator, final long cuts) {
        final List<Object> result = new ArrayList<>();
        int end = text.units();
        long left = cuts;
        while (left-- > 0) {
            final int at = text.value().lastIndexOf(separator, end - separator.length());
            if (end < separator.length() || at < 0) {
                break;
            }
            add(result, text.sub(at + separator.length(), end));
            end = at;
        }
        add(result, text.sub(0, end));
        Collections.reverse(result);
        return result;
    }

    private List<Object> words(final Text text, final long cuts) {
        final List<Object> result = new ArrayList<>();
        final String value = text.value();
        int start = Chars.startWithoutSpace(value, 0);
        for (long left = cuts; start < value.length(); left--) {
            if (left == 0) {
                add(result, text.sub(start, value.length()));
                break;
            }
            int end = start;
            while (end < value.length() && !Chars.isSpace(value.charAt(end))) {
                end++;
            }
            add(result, text.sub(start, end));
            start = Chars.startWithoutSpace(value, end);
        }
        return result;
    }

    private List<Object> wordsFromRight(final Text text, final long cuts) {
        final List<Object> result = new ArrayList<>();
        final String value = text.value();
        int end = Chars.endWithoutSpace(value);
        for (long left = cuts; end > 0; left--) {
            if (left == 0) {
                add(result, text.sub(0, end));
                break;
            }
            int start = end;
            while (start > 0 && !Chars.isSpace(value.charAt(start - 1))) {
                start--;
            }
            add(result, text.sub(start, end));
            end = Chars.endWithoutSpace(value, start);
        }
        Collections.reverse(result);
        return result;
    }

    List<Object> lines(final Text text, final boolean keepEnds) {
        final List<Object> result = new ArrayList<>();
        final String value = text.value();
        int start = 0;
        while (start < value.length()) {
            int end = start;
            while (end < value.length() && !Chars.isLineEnd(value.charAt(end))) {
                end++;
            }
            int next = Math.min(end + 1, value.length());
            if (value.startsWith("\r\n", end)) {
                next++;
            }
            add(result, text.sub(start, keepEnds ? next : end));
            start = next;
        }
        return result;
    }

    ListValue partition(final Text text, final Text separator, final boolean first) {
        if (separator.isEmpty()) {
            throw TemplateFault.failed("empty separator");
        }
        final int at =
                first ? text.value().indexOf(separator.value()) : text.value().lastIndexOf(separator.value());
        if (at < 0) {
            return ListValue.tuple(
                    first ? List.of(text, Text.EMPTY, Text.EMPTY) : List.of(Text.EMPTY, Text.EMPTY, text));
        }
        return ListValue.tuple(List.of(text.sub(0, at), separator, text.sub(at + separator.units(), text.units())));
    }
}

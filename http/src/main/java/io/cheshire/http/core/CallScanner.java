package io.cheshire.http.core;

import io.cheshire.router.core.grammar.CallMarks;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds calls of tools in an answer that arrives in pieces ({@link CallMarks}). Text before them is released once it
 * can't be the start of one, arguments as they come. An answer that has a form where it calls nothing begins with calls
 * or has none. Single-threaded.
 */
final class CallScanner {
    private static final String HEAD = CallMarks.HEAD + '"';
    private static final String ARGUMENTS = '"' + CallMarks.ARGUMENTS;

    /** What a piece held. */
    sealed interface Found {}

    /** Text that belongs to no call. */
    record Plain(String text) implements Found {}

    /** Call {@code index} begins. */
    record Opened(int index, String name) implements Found {}

    /** Further characters of its arguments. */
    record Arguments(int index, String text) implements Found {}

    private enum State {
        TEXT,
        NAME,
        ARGUMENTS,
        BEHIND
    }

    private final String start;
    private final String bareStart;
    private final String next;
    private final boolean mayBeBare;
    private final boolean hasForm;
    private final StringBuilder held = new StringBuilder();
    private boolean isAtStart = true;
    private State state = State.TEXT;
    private int calls;
    private int depth;
    private boolean isInString;
    private boolean isEscaped;

    /** @param hasForm what calls nothing has a form, in which marks are text but at its start */
    CallScanner(final CallMarks marks, final boolean hasForm) {
        start = marks.start();
        bareStart = marks.begin() + marks.open();
        mayBeBare = marks.mayBeBare();
        this.hasForm = hasForm;
        next = CallMarks.TAIL + marks.close() + marks.between() + marks.open();
    }

    /** Some calls were made, and the last one is whole. */
    boolean hasCalled() {
        return calls > 0 && state == State.BEHIND;
    }

    /** The next piece of the answer. */
    List<Found> push(final String piece) {
        held.append(piece);
        final List<Found> found = new ArrayList<>();
        boolean goesOn = true;
        while (goesOn) {
            goesOn = switch (state) {
                case TEXT -> text(found);
                case NAME -> name(found);
                case ARGUMENTS -> arguments(found);
                case BEHIND -> behind();
            };
        }
        return found;
    }

    /** The answer is over: what looked like the start of a call was none. */
    List<Found> finish() {
        if (state != State.TEXT || held.isEmpty()) {
            return List.of();
        }
        final String rest = take(held.length());
        return List.of(new Plain(rest));
    }

    private String take(final int chars) {
        final String text = held.substring(0, chars);
        held.delete(0, chars);
        return text;
    }

    private boolean text(final List<Found> found) {
        if (hasForm) {
            return formed(found);
        }
        final String bare = bareStart + HEAD;
        if (isAtStart && mayBeBare && mayBe(bare)) {
            return held.length() >= bare.length() && open(bareStart);
        }
        final int at = held.indexOf(start);
        int free = at;
        if (at < 0) {
            free = held.length();
            for (int length = Math.min(start.length() - 1, held.length()); length > 0; length--) {
                if (start.startsWith(held.substring(held.length() - length))) {
                    free = held.length() - length;
                    break;
                }
            }
        }
        if (free > 0) {
            found.add(new Plain(take(free)));
            isAtStart = false;
        }
        return at >= 0 && open(start);
    }

    private boolean formed(final List<Found> found) {
        if (isAtStart && mayBe(start)) {
            return held.length() >= start.length() && open(start);
        }
        if (!held.isEmpty()) {
            found.add(new Plain(take(held.length())));
            isAtStart = false;
        }
        return false;
    }

    /** What is held begins so, or may yet. */
    private boolean mayBe(final String mark) {
        return mark.startsWith(held.substring(0, Math.min(mark.length(), held.length())));
    }

    private boolean open(final String mark) {
        held.delete(0, mark.length());
        state = State.NAME;
        return true;
    }

    /** Names are letters, digits and a few signs: nothing in them is written otherwise than it is. */
    private boolean name(final List<Found> found) {
        final int end = held.indexOf(ARGUMENTS);
        if (end < HEAD.length()) {
            return false;
        }
        found.add(new Opened(calls++, held.substring(HEAD.length(), end)));
        held.delete(0, end + ARGUMENTS.length());
        state = State.ARGUMENTS;
        depth = 0;
        return true;
    }

    private boolean arguments(final List<Found> found) {
        int at = 0;
        boolean isOver = false;
        while (at < held.length() && !isOver) {
            final char c = held.charAt(at++);
            if (isInString) {
                final boolean endsString = c == '"' && !isEscaped;
                isEscaped = c == '\\' && !isEscaped;
                isInString = !endsString;
            } else if (c == '"') {
                isInString = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                isOver = --depth == 0;
            }
        }
        if (at > 0) {
            found.add(new Arguments(calls - 1, take(at)));
        }
        if (isOver) {
            state = State.BEHIND;
        }
        return isOver;
    }

    /** Behind the arguments stand the end of the call and what leads to the next one, or the end of all. */
    private boolean behind() {
        return held.length() >= next.length() && next.contentEquals(held.substring(0, next.length())) && open(next);
    }
}

package io.cheshire.router.core.grammar;

/**
 * How calls of tools are written: {@code trigger begin (open CALL close) between (open CALL close) … end ending}. There
 * a call is {@code {"name": NAME, "arguments": OBJECT}}. Each may be empty.
 *
 * @param trigger what no text but that of calls may hold; without it, an answer that begins with calls has them, too
 * @param begin   of the list of calls
 * @param open    before each call
 * @param close   behind it
 * @param between two calls
 * @param end     of the list
 * @param ending  behind the list where the trigger stands before it
 */
public record CallMarks(
        String trigger, String begin, String open, String close, String between, String end, String ending) {
    /** How a call begins. */
    public static final String HEAD = "{\"name\": ";
    /** What stands between its name and its arguments. */
    public static final String ARGUMENTS = ", \"arguments\": ";
    /** How it ends. */
    public static final String TAIL = "}";

    /** Before the first call. */
    public String start() {
        return trigger + begin + open;
    }

    /** What no text but that of calls may hold. */
    public String reserved() {
        return trigger.isEmpty() ? open : trigger;
    }

    /** The list may stand alone, at the answer's start. */
    public boolean mayBeBare() {
        return !trigger.isEmpty();
    }
}

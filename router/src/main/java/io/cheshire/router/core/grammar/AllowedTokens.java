package io.cheshire.router.core.grammar;

/**
 * Which tokens may come next. Shared: not to be changed.
 *
 * @param bits   one for each id
 * @param mayEnd the text is complete as it is
 * @param isDone nothing may follow
 */
@SuppressWarnings("ArrayRecordComponent")
public record AllowedTokens(long[] bits, boolean mayEnd, boolean isDone) {
    /** The id may come next. */
    public boolean has(final int id) {
        final int word = id >> 6;
        return word < bits.length && ((bits[word] >>> id) & 1) != 0;
    }
}

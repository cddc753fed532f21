package io.cheshire.router.core.exchange;

import io.cheshire.coordinator.protocol.AnswerRows;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/**
 * The router's side of the books, layer by layer: every row that a node is asked for is open until it is answered,
 * refused or lost, and every answer is combined or unused. Written by the engine thread, read by any: what stops being
 * open is booked where it went first, so a reader that looks at {@code open} first never misses a row.
 */
final class LayerLedger {
    private final AtomicLongArray computed;
    private final AtomicLongArray unused;
    private final AtomicLongArray givenUp;
    private final AtomicLongArray open;
    private final AtomicLongArray lost;

    LayerLedger(final int layers) {
        computed = new AtomicLongArray(layers);
        unused = new AtomicLongArray(layers);
        givenUp = new AtomicLongArray(layers);
        open = new AtomicLongArray(layers);
        lost = new AtomicLongArray(layers);
    }

    /** All experts of these rows have answered, or were given up. */
    void computed(final int layer, final int rows) {
        add(computed, layer, rows);
    }

    /** Answers were dropped, or belong to a layer that was given up. */
    void unused(final int layer, final int rows) {
        add(unused, layer, rows);
    }

    /** Nobody can compute the rows. */
    void givenUp(final int layer, final int rows) {
        add(givenUp, layer, rows);
    }

    /** An attempt began. */
    void asked(final int layer, final int rows) {
        add(open, layer, rows);
    }

    /** Rows of an open attempt were answered for the first time; what became of them is booked already. */
    void answered(final int layer, final int rows) {
        add(open, layer, -rows);
    }

    /** The node says that it doesn't answer the rest of an attempt. */
    void refused(final int layer, final int rows) {
        add(open, layer, -rows);
    }

    /** Nothing will be heard of the rest of an attempt. */
    void lost(final int layer, final int rows) {
        add(lost, layer, rows);
        add(open, layer, -rows);
    }

    /** An answer to an attempt that isn't open any more: it was taken for lost, else it is a copy of one that came. */
    void found(final int layer, final int rows) {
        final long found = Math.min(rows, lost.getPlain(layer));
        add(unused, layer, found);
        add(lost, layer, -found);
    }

    List<Long> computed() {
        return copy(computed);
    }

    AnswerRows answers() {
        final List<Long> openFirst = copy(open);
        return new AnswerRows(copy(unused), copy(givenUp), openFirst, copy(lost));
    }

    private static List<Long> copy(final AtomicLongArray book) {
        return LongStream.range(0, book.length())
                .mapToObj(layer -> book.get((int) layer))
                .toList();
    }

    /** One writer: no locked instruction needed. */
    private static void add(final AtomicLongArray book, final int layer, final long rows) {
        book.setRelease(layer, book.getPlain(layer) + rows);
    }
}

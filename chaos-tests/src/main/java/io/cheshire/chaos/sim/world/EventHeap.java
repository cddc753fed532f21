package io.cheshire.chaos.sim.world;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Actions in the order of (time, order of making): four children a parent, and no object for each. */
final class EventHeap {
    private static final int FIRST_CAPACITY = 1_024;

    private long[] dueNs = new long[FIRST_CAPACITY];
    private long[] orders = new long[FIRST_CAPACITY];
    private @Nullable Runnable[] actions = new Runnable[FIRST_CAPACITY];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** Of the first; there must be one. */
    long dueNs() {
        return dueNs[0];
    }

    /** Likewise. */
    long order() {
        return orders[0];
    }

    void add(final long due, final long order, final Runnable action) {
        if (size == dueNs.length) {
            dueNs = Arrays.copyOf(dueNs, 2 * size);
            orders = Arrays.copyOf(orders, 2 * size);
            actions = Arrays.copyOf(actions, 2 * size);
        }
        int at = size++;
        while (at > 0 && isBefore(due, order, (at - 1) >>> 2)) {
            move((at - 1) >>> 2, at);
            at = (at - 1) >>> 2;
        }
        put(at, due, order, action);
    }

    /** Takes the first. */
    Runnable remove() {
        final Runnable first = actions[0];
        if (first == null) {
            throw new IllegalStateException("nothing is to happen any more");
        }
        size--;
        final Runnable last = actions[size];
        actions[size] = null;
        if (size > 0 && last != null) {
            sink(dueNs[size], orders[size], last);
        }
        return first;
    }

    private void sink(final long due, final long order, final Runnable action) {
        int at = 0;
        int child = 1;
        while (child < size) {
            int least = child;
            for (int other = child + 1; other < Math.min(child + 4, size); other++) {
                if (isBefore(dueNs[other], orders[other], least)) {
                    least = other;
                }
            }
            if (isBefore(due, order, least)) {
                break;
            }
            move(least, at);
            at = least;
            child = (at << 2) + 1;
        }
        put(at, due, order, action);
    }

    private boolean isBefore(final long due, final long order, final int other) {
        return due < dueNs[other] || (due == dueNs[other] && order < orders[other]);
    }

    private void move(final int from, final int to) {
        put(to, dueNs[from], orders[from], actions[from]);
    }

    private void put(final int at, final long due, final long order, final @Nullable Runnable action) {
        dueNs[at] = due;
        orders[at] = order;
        actions[at] = action;
    }
}

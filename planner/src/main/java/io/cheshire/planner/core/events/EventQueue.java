package io.cheshire.planner.core.events;

import java.util.Arrays;

/**
 * What is still to happen, in the order of (time, order of adding): a heap of four children a parent in arrays of
 * primitives, since a fleet handles many millions of events. An event is a number that its owner understands. One
 * thread.
 */
public final class EventQueue {
    private static final int FIRST_CAPACITY = 64;

    private long[] dueNs = new long[FIRST_CAPACITY];
    private long[] order = new long[FIRST_CAPACITY];
    private long[] events = new long[FIRST_CAPACITY];
    private int size;
    private long added;
    private long handled;
    private long nowNs;

    /** Virtual time: that of the event taken last. */
    public long nowNs() {
        return nowNs;
    }

    /** Events taken so far. */
    public long handled() {
        return handled;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** When the next event is due; there must be one. */
    public long nextNs() {
        if (size == 0) {
            throw new IllegalStateException("nothing is to happen any more");
        }
        return dueNs[0];
    }

    /** Plans an event; one that was due before now is due now. */
    public void add(final long atNs, final long event) {
        if (size == dueNs.length) {
            dueNs = Arrays.copyOf(dueNs, 2 * size);
            order = Arrays.copyOf(order, 2 * size);
            events = Arrays.copyOf(events, 2 * size);
        }
        rise(size++, Math.max(atNs, nowNs), added++, event);
    }

    /** Takes the next event, and time goes on to it; there must be one. */
    public long take() {
        nowNs = nextNs();
        handled++;
        final long event = events[0];
        size--;
        if (size > 0) {
            sink(dueNs[size], order[size], events[size]);
        }
        return event;
    }

    private void rise(final int from, final long due, final long number, final long event) {
        int at = from;
        while (at > 0) {
            final int parent = (at - 1) >>> 2;
            if (dueNs[parent] < due || (dueNs[parent] == due && order[parent] < number)) {
                break;
            }
            move(parent, at);
            at = parent;
        }
        put(at, due, number, event);
    }

    private void sink(final long due, final long number, final long event) {
        int at = 0;
        while (true) {
            final int first = (at << 2) + 1;
            if (first >= size) {
                break;
            }
            int least = first;
            final int end = Math.min(first + 4, size);
            for (int child = first + 1; child < end; child++) {
                if (dueNs[child] < dueNs[least] || (dueNs[child] == dueNs[least] && order[child] < order[least])) {
                    least = child;
                }
            }
            if (due < dueNs[least] || (due == dueNs[least] && number < order[least])) {
                break;
            }
            move(least, at);
            at = least;
        }
        put(at, due, number, event);
    }

    private void move(final int from, final int to) {
        dueNs[to] = dueNs[from];
        order[to] = order[from];
        events[to] = events[from];
    }

    private void put(final int at, final long due, final long number, final long event) {
        dueNs[at] = due;
        order[at] = number;
        events[at] = event;
    }
}

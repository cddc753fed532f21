package io.cheshire.transport.core;

import io.cheshire.transport.protocol.Hello;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers which handshakes a node has seen, so that a replayed one never moves a link backwards: within an
 * incarnation of a router sequences grow, and an incarnation that was replaced doesn't return. Holds the last
 * {@value #MAX_ENTRIES} incarnations of all routers together. One thread.
 */
public final class HelloLedger {
    private static final int MAX_ENTRIES = 256;

    private final Map<Incarnation, Entry> entries = new LinkedHashMap<>();

    /** How a Hello relates to those before it. */
    public enum Standing {
        /** Asks for a new link. */
        NEW,
        /** The same again: its answer was slow or lost. */
        REPEATED,
        /** Older than what is there. */
        STALE
    }

    /** Judges a Hello without remembering it. */
    public Standing standingOf(final Hello hello) {
        final Entry entry = entries.get(new Incarnation(hello.routerId(), hello.routerIncarnation()));
        if (entry == null || (!entry.retired && hello.sequence() > entry.sequence)) {
            return Standing.NEW;
        }
        return entry.retired || hello.sequence() < entry.sequence ? Standing.STALE : Standing.REPEATED;
    }

    /** Remembers an accepted Hello; other incarnations of the same router are retired. */
    public void accept(final Hello hello) {
        entries.forEach((incarnation, entry) -> {
            if (incarnation.routerId == hello.routerId()) {
                entry.retired = true;
            }
        });
        final Incarnation key = new Incarnation(hello.routerId(), hello.routerIncarnation());
        entries.remove(key);
        entries.put(key, new Entry(hello.sequence()));
        if (entries.size() > MAX_ENTRIES) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    private record Incarnation(int routerId, long incarnation) {}

    private static final class Entry {
        private final long sequence;
        private boolean retired;

        private Entry(final long sequence) {
            this.sequence = sequence;
        }
    }
}

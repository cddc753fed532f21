package io.cheshire.http.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One sum of bytes for what requests hold before they run: a fixed share each, their bodies as they arrive, the trees
 * read from them, and small whole replies until they are taken. Over all connections and streams of both listeners,
 * since a limit on connections bounds nothing where each brings a hundred streams.
 *
 * <p>When it is spent, room is made from what waits for its client: the largest first, so that many bytes of few never
 * keep out few bytes of many, then whatever has not moved for a while, longest first. Otherwise the newcomer is
 * refused. Thread-safe.
 */
final class BodyBudget {
    /** Buffers and objects of a request with neither body nor reply. */
    static final int REQUEST_BYTES = 8 << 10;
    /** A tree of what was read takes up to so many times its text, and only a few threads build any at a time. */
    static final int TREE_FACTOR = 8;

    /** Without progress for so long, a request may have to make room for one of its own size. */
    private static final long STALLED_NS = 1_000_000_000L;

    private static final int SIZE_CLASSES = 64;

    private final long limitBytes;
    private final long tenantBytes;
    private final LongSupplier clockNs;
    /** Those that may be evicted by the power of two of their size; in each the longest unmoved first. */
    private final List<Set<Charge>> evictable = new ArrayList<>();

    private final Map<String, Long> byTenant = new HashMap<>();
    private long heldBytes;

    /**
     * A budget.
     *
     * @param limitBytes  the sum
     * @param tenantCount who share it; where there are several, none gets more than half
     * @param clockNs     monotonic
     */
    BodyBudget(final long limitBytes, final int tenantCount, final LongSupplier clockNs) {
        this.limitBytes = limitBytes;
        this.tenantBytes = tenantCount > 1 ? limitBytes / 2 : limitBytes;
        this.clockNs = clockNs;
        for (int i = 0; i < SIZE_CLASSES; i++) {
            evictable.add(new LinkedHashSet<>());
        }
    }

    long limitBytes() {
        return limitBytes;
    }

    /** Bytes charged now. */
    synchronized long heldBytes() {
        return heldBytes;
    }

    /**
     * A new request's share.
     *
     * @param onEvicted ends the request; called from any thread, at most once, without locks
     * @return null if there is no room
     */
    @Nullable
    Charge open(final Runnable onEvicted) {
        final Charge charge = new Charge(onEvicted);
        return charge.grow(REQUEST_BYTES) ? charge : null;
    }

    /** What one request holds. Thread-safe; after {@link #close} or an eviction it holds nothing, whatever is asked. */
    final class Charge {
        private final Runnable onEvicted;
        private String tenant = "";
        private long bytes;
        private long keptBytes = REQUEST_BYTES;
        private long movedNs;
        private boolean isSettled;
        private boolean isClosed;

        private Charge(final Runnable onEvicted) {
            this.onEvicted = onEvicted;
        }

        /** Whose it is, from when the key was read. */
        void owner(final String name) {
            synchronized (BodyBudget.this) {
                addToTenant(-bytes);
                tenant = name;
                addToTenant(bytes);
            }
        }

        /** This many more; false if there is no room, or it was evicted. */
        boolean grow(final long more) {
            final List<Charge> victims = new ArrayList<>();
            final boolean isGranted;
            synchronized (BodyBudget.this) {
                isGranted = !isClosed && withinTenant(more) && makeRoom(this, more, victims);
                if (isGranted) {
                    add(more);
                }
            }
            victims.forEach(victim -> victim.onEvicted.run());
            return isGranted;
        }

        /**
         * This many more whether there is room or not: of what is bounded otherwise, and counts for whoever comes next.
         */
        void force(final long more) {
            synchronized (BodyBudget.this) {
                if (!isClosed) {
                    add(more);
                }
            }
        }

        /** The client did its part: from now on it isn't evicted. */
        void settle() {
            synchronized (BodyBudget.this) {
                classOf(bytes).remove(this);
                isSettled = true;
            }
        }

        /** A reply of so many bytes, which waits for its client: from now on it may be evicted again. */
        void reply(final long replyBytes) {
            synchronized (BodyBudget.this) {
                if (!isClosed) {
                    keptBytes += replyBytes;
                    isSettled = false;
                    add(replyBytes);
                }
            }
        }

        /** Back to what remains without a body: a request's fixed share, and its reply. */
        void shrink() {
            synchronized (BodyBudget.this) {
                if (!isClosed) {
                    add(keptBytes - bytes);
                }
            }
        }

        /** The end of the request. */
        void close() {
            synchronized (BodyBudget.this) {
                release();
            }
        }

        private boolean withinTenant(final long more) {
            return tenant.isEmpty() || byTenant.getOrDefault(tenant, 0L) + more <= tenantBytes;
        }

        private void add(final long more) {
            classOf(bytes).remove(this);
            bytes += more;
            heldBytes += more;
            addToTenant(more);
            movedNs = clockNs.getAsLong();
            if (!isSettled && !isClosed) {
                classOf(bytes).add(this);
            }
        }

        private void release() {
            if (!isClosed) {
                isClosed = true;
                add(-bytes);
            }
        }

        private void addToTenant(final long more) {
            if (!tenant.isEmpty()) {
                byTenant.merge(tenant, more, (a, b) -> a + b == 0 ? null : a + b);
            }
        }
    }

    private Set<Charge> classOf(final long bytes) {
        return evictable.get(sizeClass(bytes));
    }

    private static int sizeClass(final long bytes) {
        return SIZE_CLASSES - 1 - Long.numberOfLeadingZeros(Math.max(1, bytes));
    }

    private boolean makeRoom(final Charge asker, final long more, final List<Charge> victims) {
        while (heldBytes + more > limitBytes) {
            final Charge victim = victim(asker, sizeClass(asker.bytes + more));
            if (victim == null) {
                return false;
            }
            victim.release();
            victims.add(victim);
        }
        return true;
    }

    private @Nullable Charge victim(final Charge asker, final int askersClass) {
        final long nowNs = clockNs.getAsLong();
        for (int size = SIZE_CLASSES - 1; size >= 0; size--) {
            for (final Charge first : evictable.get(size)) {
                if (first != asker && (size > askersClass || nowNs - first.movedNs >= STALLED_NS)) {
                    return first;
                }
                if (first != asker) {
                    break;
                }
            }
        }
        return null;
    }
}

package io.cheshire.http.runtime;

import io.cheshire.http.core.AnswerCost;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Heap that all answers together may take while they are made and written. Three quarters are reserved call by call,
 * before the engine hears of them: what a call was promised it can't lose to others. The last quarter is for events of
 * whole answers that their calls haven't come to yet; it runs out only if the processors do. Safe from any thread,
 * never blocks.
 */
final class AnswerBudget {
    private final long reservableBytes;
    private final long eventBytes;
    private final AtomicLong reserved = new AtomicLong();
    private final AtomicLong inEvents = new AtomicLong();

    AnswerBudget(final long totalBytes) {
        this.eventBytes = totalBytes / 4;
        this.reservableBytes = totalBytes - eventBytes;
    }

    /** What can be reserved in all. */
    long reservableBytes() {
        return reservableBytes;
    }

    /** Reserved now. */
    long reservedBytes() {
        return reserved.get();
    }

    /** In events of whole answers now. */
    long eventBytes() {
        return inEvents.get();
    }

    /** The share of a call, or null if there is no room for it now. */
    @Nullable
    Share reserve(final long bytes) {
        return take(reserved, bytes, reservableBytes) ? new Share(bytes) : null;
    }

    private static boolean take(final AtomicLong counter, final long bytes, final long limit) {
        if (counter.addAndGet(bytes) <= limit) {
            return true;
        }
        counter.addAndGet(-bytes);
        return false;
    }

    /** One call's part. */
    final class Share implements AutoCloseable {
        /** Far below anything that is added or taken: the share is closed. */
        private static final long CLOSED = Long.MIN_VALUE / 2;

        private final AtomicLong events = new AtomicLong();
        private long bytes;

        private Share(final long bytes) {
            this.bytes = bytes;
        }

        /** More than was reckoned; false if there is none left. By the call's own thread, as is {@link #close}. */
        boolean extend(final long more) {
            if (!take(reserved, more, reservableBytes)) {
                return false;
            }
            bytes += more;
            return true;
        }

        /**
         * An event waits for the call. Some have room in the call's own reservation, so that a call that is quick
         * enough suffers from no other; the rest share what all have. On the engine's thread.
         *
         * @return false if there is no room left
         */
        boolean enter(final int size) {
            final long held = events.addAndGet(size);
            // A call that is over: its queue goes with it.
            if (held < 0 || inEvents.addAndGet(shared(held) - shared(held - size)) <= eventBytes) {
                return true;
            }
            if (held <= AnswerCost.OWN_EVENT_BYTES) {
                return true;
            }
            leave(size);
            return false;
        }

        /** The call took an event. */
        void leave(final int size) {
            final long held = events.addAndGet(-size);
            // Closing has given back all that was held, this one included.
            if (held >= 0) {
                inEvents.addAndGet(shared(held) - shared(held + size));
            }
        }

        private static long shared(final long held) {
            return Math.max(0, held - AnswerCost.OWN_EVENT_BYTES);
        }

        /** Gives everything back. */
        @Override
        public void close() {
            inEvents.addAndGet(-shared(events.getAndSet(CLOSED)));
            reserved.addAndGet(-bytes);
            bytes = 0;
        }
    }
}

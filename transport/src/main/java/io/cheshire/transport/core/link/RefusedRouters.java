package io.cheshire.transport.core.link;

import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.sbe.HelloStatus;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Routers that a node refuses: each gets its answer on a channel that lives for {@value #REFUSAL_LIFE_S} s, and one
 * line of the log however often it asks. Holds at most {@value #MAX_REFUSALS}; further ones get no answer and ask
 * again. The node's thread only.
 */
final class RefusedRouters {
    private static final int MAX_REFUSALS = 8;
    private static final int MAX_LOGGED_REFUSALS = 64;
    private static final int REFUSAL_LIFE_S = 2;
    private static final long REFUSAL_LIFE_NS = TimeUnit.SECONDS.toNanos(REFUSAL_LIFE_S);
    private static final long UNANSWERED_LOG_NS = TimeUnit.MINUTES.toNanos(1);

    private final HelloReplies replies;
    private final TransportCounters counters;
    private final NodeEndLog log;
    private final List<LinkRefusal> refusals = new ArrayList<>();
    private final Set<Long> logged = new LinkedHashSet<>();
    private long unanswered;
    private long nextUnansweredLogNs;

    RefusedRouters(final HelloReplies replies, final TransportCounters counters, final NodeEndLog log) {
        this.replies = replies;
        this.counters = counters;
        this.log = log;
    }

    void refuse(final Hello hello, final HelloStatus status, final long observedNs) {
        for (final LinkRefusal refusal : refusals) {
            if (refusal.isFor(hello)) {
                return;
            }
        }
        counters.increment(TransportCounter.HANDSHAKES_REFUSED);
        if (logged.add(hello.routerIncarnation())) {
            log.routerRefused(hello, status);
        }
        if (logged.size() > MAX_LOGGED_REFUSALS) {
            logged.remove(logged.iterator().next());
        }
        if (refusals.size() < MAX_REFUSALS) {
            refusals.add(new LinkRefusal(hello, status, replies.open(hello), observedNs));
        }
    }

    /**
     * A Hello that gets no answer, which would be work for whoever asks for it: counted, and told of once a minute at
     * most.
     *
     * @param why the predicate of a sentence
     */
    void leaveUnanswered(final Hello hello, final String why, final long observedNs) {
        counters.increment(TransportCounter.HANDSHAKES_UNANSWERED);
        unanswered++;
        if (unanswered > 1 && observedNs - nextUnansweredLogNs < 0) {
            return;
        }
        nextUnansweredLogNs = observedNs + UNANSWERED_LOG_NS;
        log.helloUnanswered(hello, why, unanswered);
    }

    /** Answers whom it can and lets go of whom it has held long enough; returns how much was done. */
    int doWork(final long observedNs) {
        int work = 0;
        for (int i = refusals.size() - 1; i >= 0; i--) {
            work += tend(refusals.get(i), observedNs);
        }
        return work;
    }

    private int tend(final LinkRefusal refusal, final long observedNs) {
        if (refusal.sender == null) {
            switch (refusal.outbox.state()) {
                case OPENING -> {
                    // Perhaps in the next turn.
                }
                case OPEN -> refusal.sender = replies.senderOn(refusal.outbox, refusal.hello);
                case REFUSED -> {
                    letGo(refusal);
                    return 1;
                }
            }
        }
        final FrameSender sender = refusal.sender;
        if (!refusal.answered && sender != null && sender.isConnected()) {
            replies.refuse(sender, refusal.hello, refusal.status);
            refusal.answered = true;
            return 1;
        }
        if (observedNs - refusal.sinceNs < REFUSAL_LIFE_NS) {
            return 0;
        }
        letGo(refusal);
        return 1;
    }

    private void letGo(final LinkRefusal refusal) {
        refusal.outbox.close();
        refusals.remove(refusal);
    }

    void close() {
        for (final LinkRefusal refusal : refusals) {
            refusal.outbox.close();
        }
        refusals.clear();
    }
}

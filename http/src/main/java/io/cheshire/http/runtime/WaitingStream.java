package io.cheshire.http.runtime;

import io.cheshire.http.protocol.HttpLimits;
import java.util.concurrent.TimeUnit;

/** When a stream that has nothing to send has to say that it is alive. Used by the call's thread only. */
final class WaitingStream {
    private final long commentNs;
    private final boolean isStream;
    private long dueNs;

    /** Of a call that was admitted at {@code startNs}; one that isn't a stream never has anything to say. */
    WaitingStream(final HttpLimits.Answers limits, final boolean isStream, final long startNs) {
        this.isStream = isStream;
        this.commentNs = TimeUnit.MILLISECONDS.toNanos(limits.commentMs());
        this.dueNs = startNs + TimeUnit.MILLISECONDS.toNanos(limits.headersMs());
    }

    /** How long it may stay silent from {@code nowNs} on. */
    long silentForNs(final long nowNs) {
        return isStream ? dueNs - nowNs : Long.MAX_VALUE;
    }

    /** Something was sent. */
    void wrote(final long nowNs) {
        dueNs = nowNs + commentNs;
    }
}

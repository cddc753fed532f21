package io.cheshire.http.runtime;

import org.jspecify.annotations.Nullable;

/** What a process says of itself to those who operate it. Safe from any thread; never blocks. */
public interface SelfReport {
    /** Why a process that is stopping isn't ready: all that it says of it. */
    String DRAINING = "draining";

    /** A bare reason as {@code /ready} says it; null where there is none. */
    static @Nullable String inWords(final @Nullable String reason) {
        return reason == null || reason.equals(DRAINING) ? reason : "not ready: " + reason;
    }

    /** Why it isn't ready, in a few words for people; null while it is. */
    @Nullable
    String notReady();

    /** All that it says, for {@code /admin/v1/self}: a value that Jackson can write. */
    Object state();
}

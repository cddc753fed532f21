package io.cheshire.ops.runtime;

import java.io.IOException;

/** Notices that the process which started this one is gone: its end of our standard input closes. */
public final class ParentWatch {
    private ParentWatch() {}

    /** Runs {@code onGone} once, on a daemon thread, when standard input ends. */
    public static void start(final Runnable onGone) {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // What a parent writes means nothing; only the end does.
                    Thread.onSpinWait();
                }
            } catch (final IOException closed) {
                System.err.println("Standard input failed (" + closed.getMessage() + "); taking the parent for gone.");
            }
            onGone.run();
        });
    }
}

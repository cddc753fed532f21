package io.cheshire.ops.runtime;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and Ctrl-C as something a command can wait for. The JVM goes on until {@link #close} says that the orderly
 * end is done, or {@link #LONGEST_END_SECONDS} have passed.
 */
public final class ShutdownSignal implements AutoCloseable {
    private static final long LONGEST_END_SECONDS = 120;

    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private ShutdownSignal() {}

    /** Listens from now on. */
    public static ShutdownSignal install() {
        final ShutdownSignal signal = new ShutdownSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(signal::onShutdown, "shutdown-signal"));
        return signal;
    }

    private void onShutdown() {
        if (ended.getCount() == 0) {
            // The command ended by itself; the JVM exits with the command's own status.
            return;
        }
        requested.countDown();
        try {
            if (ended.await(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
                // A JVM that was told to stop would answer 143; an orderly end is a success.
                System.out.flush();
                StandardError.awaitWritten(LAST_WORDS);
                Runtime.getRuntime().halt(0);
            }
            System.err.println("The orderly end took longer than " + LONGEST_END_SECONDS + " s; stopping now.");
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Somebody asked this process to stop. */
    public boolean requested() {
        return requested.getCount() == 0;
    }

    /** As if a signal had come. */
    public void request() {
        requested.countDown();
    }

    /** Waits for the signal. */
    public void await() throws InterruptedException {
        requested.await();
    }

    /** The orderly end is done. */
    @Override
    public void close() {
        ended.countDown();
    }
}

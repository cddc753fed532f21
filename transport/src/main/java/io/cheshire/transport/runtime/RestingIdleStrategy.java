package io.cheshire.transport.runtime;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Backs off as Agrona does, and rests for longer once there was nothing to do for a while: a thread that wakes a
 * thousand times a second costs 2 to 4 % of a core, which many processes on one host take from those that have work.
 * The first frame after such a rest waits for its end. One thread's.
 */
final class RestingIdleStrategy implements IdleStrategy {
    private final BackoffIdleStrategy backoff;
    private final int idlesBeforeRest;
    private final Runnable rest;
    private int idles;

    /**
     * @param backoff         until then
     * @param idlesBeforeRest duty cycles in a row without work
     * @param rest            from then on
     */
    RestingIdleStrategy(final BackoffIdleStrategy backoff, final int idlesBeforeRest, final Runnable rest) {
        this.backoff = backoff;
        this.idlesBeforeRest = idlesBeforeRest;
        this.rest = rest;
    }

    @Override
    public void idle(final int workCount) {
        if (workCount > 0) {
            reset();
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        if (idles < idlesBeforeRest) {
            idles++;
            backoff.idle();
        } else {
            rest.run();
        }
    }

    @Override
    public void reset() {
        idles = 0;
        backoff.reset();
    }

    @Override
    public String alias() {
        return "resting";
    }
}

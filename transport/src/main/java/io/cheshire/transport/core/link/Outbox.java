package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.SendOutcome;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A channel to one receiver, from one thread. Once it is open: {@link #begin}, write to {@link #buffer} from
 * {@link #offset}, {@link #commit}.
 */
public interface Outbox {
    /** Whether frames can be sent. */
    enum State {
        /** The media driver hasn't answered yet. */
        OPENING,
        /** There for good, with a receiver or without. */
        OPEN,
        /** The media driver won't. */
        REFUSED
    }

    /** Looks whether the channel is there; not to be asked again once it isn't OPENING any more. */
    State state();

    /** Why it was REFUSED. */
    String refusal();

    /** Longest frame; of an open channel, and always the same. */
    int frameLimitBytes();

    /** Whether a receiver answers. */
    boolean isConnected();

    /** Makes room for a frame of at most {@link #frameLimitBytes()}; encode it only on {@link SendOutcome#SENT}. */
    SendOutcome begin(int frameBytes);

    /** Where to encode the frame that was begun. */
    MutableDirectBuffer buffer();

    /** Start of the frame in {@link #buffer()}. */
    int offset();

    /** Sends the frame that was begun; anything but SENT means that nothing was sent. */
    SendOutcome commit();

    /** Sends a frame that is complete. */
    SendOutcome offer(DirectBuffer frame, int offset, int length);

    /** Closes it, whatever its state. */
    void close();
}

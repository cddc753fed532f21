package io.cheshire.transport.core.link;

/**
 * What a router's link to a node is doing.
 *
 * <pre>
 *   from     | to       | when
 *   ---------|----------|--------------------------------------------------------------------------
 *   WAITING  | OPENING  | a node is named, or the reconnect interval is over
 *   OPENING  | GREETING | the channel is there
 *   OPENING  | WAITING  | the media driver refuses the channel
 *   OPENING  | ENDED    | a row is longer than the longest frame
 *   GREETING | UP       | the node accepts our Hello
 *   GREETING | WAITING  | no answer within the connect timeout, or a refusal that isn't signed
 *   GREETING | ENDED    | a signed refusal, or frames that the other end would refuse
 *   UP       | WAITING  | it says goodbye, its channel is gone, or nothing was heard for the peer timeout
 *   ENDED    | OPENING  | the node is named again
 *   WAITING  | CLOSED   | disconnected
 *   OPENING  | CLOSED   | disconnected
 *   GREETING | CLOSED   | disconnected
 *   UP       | CLOSED   | disconnected, with a Goodbye
 *   ENDED    | CLOSED   | disconnected
 * </pre>
 */
public enum RouterEndState {
    /** Lost, refused by the media driver, or new; will be tried by itself. */
    WAITING,
    /** Waits for the media driver to make the channel. */
    OPENING,
    /** Sends Hello until it is answered. */
    GREETING,
    /** Takes shards. */
    UP,
    /** Refused: tried again only when asked to. */
    ENDED,
    /** Nobody's any more. */
    CLOSED;

    /** Whether the table above has this move. */
    public boolean mayBecome(final RouterEndState next) {
        return switch (this) {
            case WAITING -> next == OPENING || next == CLOSED;
            case OPENING -> next == GREETING || next == WAITING || next == ENDED || next == CLOSED;
            case GREETING -> next == UP || next == WAITING || next == ENDED || next == CLOSED;
            case UP -> next == WAITING || next == CLOSED;
            case ENDED -> next == OPENING || next == CLOSED;
            case CLOSED -> false;
        };
    }
}

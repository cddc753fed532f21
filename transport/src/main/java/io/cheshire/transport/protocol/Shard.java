package io.cheshire.transport.protocol;

/**
 * The rows of one lane that go to one unit on one node in one layer: the unit of retry. Mutable and pooled; the
 * exchange that dispatches it owns it, on the engine thread alone.
 */
public final class Shard {
    /** The most rows of one shard; a node may allow fewer (its window). */
    public static final int MAX_ROWS = 1 << 20;

    /** Unique for the life of the router; never reused, so that a late answer can't be taken for another's. */
    public long shardId;
    /** 0 for the first sending, counting up with every retry or hedge. */
    public int attempt;

    public int lane;
    /** Step of the lane. */
    public long step;

    public int layer;
    public int expert;
    /** Placement epoch by which the node was chosen. */
    public long epoch;

    public int nodeId;
    public int rowCount;
    /** Rows already handed to the channel: a shard larger than a frame goes out in several, whole rows each. */
    public int rowsSent;
    /** Row numbers in the lane's buffers, {@code [rowCount]}. */
    public int[] rows = new int[16];
    /** Which choice of its row this expert is, {@code [rowCount]}: the place of the result. */
    public int[] choices = new int[16];
}

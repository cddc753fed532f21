package io.cheshire.transport.protocol;

/** What a Result says of its rows. Mutable and reused by the node that fills it; one thread. */
public final class ResultHeader {
    public long shardId;
    public int attempt;
    public int layer;
    public int expert;
    /** First row of this frame within the shard. */
    public int firstRow;
    /** Rows in this frame. */
    public int rowCount;
    /** Rows in the whole shard. */
    public int shardRowCount;
    /** Time that the shard waited at the node. */
    public long queueNs;
    /** Time of the kernel call that it was part of. */
    public long computeNs;
}

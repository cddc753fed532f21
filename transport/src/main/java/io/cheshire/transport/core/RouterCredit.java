package io.cheshire.transport.core;

/** What one router has with one node, counted by the node; {@link WindowCredit} is the one. One thread. */
public interface RouterCredit {
    /**
     * The router says that it dispatched so many rows in all. A lower figure than before is an old frame's: ignored.
     */
    void onDispatchedRows(long dispatchedRows);

    /** Takes room for a shard; false when the router had no credit for it. */
    boolean hold(int rowCount);

    /** Rows were answered or given up. */
    void release(int rowCount);

    /** Rows that the router may ever dispatch. */
    long limit();

    /** What {@link #limit()} will be once these rows are released. */
    long limitAfterRelease(int rowCount);

    /** Rows held now. */
    int heldRows();

    /** The most rows of the router that the node holds at once. */
    int windowRows();
}

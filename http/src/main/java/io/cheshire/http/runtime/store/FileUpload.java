package io.cheshire.http.runtime.store;

import java.util.List;

/**
 * A file whose parts come one after the other and are kept as they come. Nobody finds it before {@link #finish}; closed
 * without, or after the process died, it never was. One thread.
 */
public final class FileUpload implements AutoCloseable {
    private final KeptThings things;
    private final String tenant;
    private final String id;
    private int parts;
    private long bytes;
    private boolean isFinished;

    FileUpload(final KeptThings things, final String tenant, final String id) {
        this.things = things;
        this.tenant = tenant;
        this.id = id;
    }

    /**
     * Further parts, behind those that are there.
     *
     * @throws FullException there is no room; those before stay
     */
    public void add(final List<byte[]> more) {
        final long sum = more.stream().mapToLong(part -> part.length).sum();
        things.arrive(id, parts, more, sum);
        parts += more.size();
        bytes += sum;
    }

    /** Parts so far. */
    public int parts() {
        return parts;
    }

    /** Bytes of all parts so far. */
    public long bytes() {
        return bytes;
    }

    /**
     * The file is whole: from now on it is there.
     *
     * @throws FullException there is no room for one more
     */
    public void finish(final byte[] head) {
        things.arrived(tenant, id, head, bytes);
        isFinished = true;
    }

    @Override
    public void close() {
        if (!isFinished) {
            things.vanished(id, bytes);
        }
    }
}

package io.cheshire.http.runtime.store;

import io.cheshire.http.runtime.store.KeptThings.Kind;
import org.jspecify.annotations.Nullable;

/** Whether there is room for one thing more, and what has to go for it. Used under a lock. */
record KeptBounds(StoreConfig config, KeptIndex responses, KeptIndex files, KeptIndex batches, StoreCounts counts) {
    /**
     * A response that has to go for another one of so many bytes, or null: there is room.
     *
     * @throws FullException there never is
     */
    KeptIndex.@Nullable Entry toForget(final long bytes) {
        if (bytes > config.responseBytes()) {
            throw counts.full("A response of " + bytes + " bytes can't be kept", "response-bytes");
        }
        final boolean isFull =
                responses.count() >= config.responses() || responses.bytes() + bytes > config.responseBytes();
        return isFull ? responses.oldestOfLargest() : null;
    }

    /** @throws FullException there are as many as may be, or their bytes would be too many */
    void require(final Kind kind, final long bytes) {
        final KeptIndex index = kind == Kind.FILE ? files : batches;
        if (index.count() >= config.files()) {
            throw counts.full(
                    "There are " + index.count() + " " + (kind == Kind.FILE ? "files" : "batches") + " already",
                    "files");
        }
        requireBytes(bytes);
    }

    /** @throws FullException files and batches would have too many */
    void requireBytes(final long more) {
        final long held = files.bytes() + batches.bytes();
        if (held + more > config.fileBytes()) {
            throw counts.full("Files hold " + held + " bytes, and " + more + " more are wanted", "file-bytes");
        }
    }
}

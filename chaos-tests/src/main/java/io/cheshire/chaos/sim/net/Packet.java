package io.cheshire.chaos.sim.net;

import org.jspecify.annotations.Nullable;

/** A fragment under way. Its bytes are never changed. */
final class Packet {
    private final int sessionId;
    private final byte flags;
    private final byte[] bytes;
    private final @Nullable Channel channel;

    /**
     * @param flags   Aeron's
     * @param channel waits for room again; null for a ghost
     */
    Packet(final int sessionId, final byte flags, final byte[] bytes, final @Nullable Channel channel) {
        this.sessionId = sessionId;
        this.flags = flags;
        this.bytes = bytes;
        this.channel = channel;
    }

    int sessionId() {
        return sessionId;
    }

    byte flags() {
        return flags;
    }

    byte[] bytes() {
        return bytes;
    }

    @Nullable
    Channel channel() {
        return channel;
    }
}

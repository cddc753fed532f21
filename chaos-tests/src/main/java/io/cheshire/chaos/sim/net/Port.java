package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.transport.core.link.Inbox;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** One life of a process listens here on a stream: what a subscription is to Aeron. */
public final class Port implements Inbox {
    private static final int LEAST_BYTES = 4096;

    private final SimProcess owner;
    private final int life;
    private final int streamId;
    private final IntConsumer imageGone;
    /** Session → where it sends from. */
    private final Map<Integer, String> images = new HashMap<>();

    private final ArrayDeque<Packet> arrived = new ArrayDeque<>();
    /** Not on the heap, as in production. */
    private final UnsafeBuffer view;

    /** @param mostBytes of a packet */
    Port(final SimProcess owner, final int streamId, final IntConsumer imageGone, final int mostBytes) {
        this.owner = owner;
        this.life = owner.life();
        this.streamId = streamId;
        this.imageGone = imageGone;
        this.view = new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(LEAST_BYTES, mostBytes)));
    }

    SimProcess owner() {
        return owner;
    }

    boolean isAlive() {
        return owner.isUp() && owner.life() == life;
    }

    int streamId() {
        return streamId;
    }

    @Override
    public boolean hasImage(final int sessionId) {
        return images.containsKey(sessionId);
    }

    @Override
    public @Nullable String sourceOf(final int sessionId) {
        return images.get(sessionId);
    }

    void addImage(final int sessionId, final String source) {
        images.put(sessionId, source);
    }

    void removeImage(final int sessionId) {
        if (images.remove(sessionId) != null && isAlive()) {
            imageGone.accept(sessionId);
        }
    }

    void arrive(final Packet packet) {
        if (isAlive()) {
            arrived.add(packet);
            owner.arrived();
        }
    }

    @Override
    public int poll(final Sink sink, final int limit) {
        int count = 0;
        while (count < limit && !arrived.isEmpty()) {
            final Packet packet = arrived.remove();
            if (packet.channel() != null) {
                packet.channel().consumed(packet.bytes().length);
            }
            view.putBytes(0, packet.bytes());
            sink.onFragment(packet.sessionId(), packet.flags(), view, 0, packet.bytes().length);
            count++;
        }
        if (!arrived.isEmpty()) {
            owner.wake(0);
        }
        return count;
    }

    @Override
    public void close() {
        arrived.clear();
    }
}

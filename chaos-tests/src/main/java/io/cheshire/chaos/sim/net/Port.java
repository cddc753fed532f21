package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.SimProcess;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One life of a process listens here on a stream: what a subscription is to Aeron. */
public final class Port {
    private final SimProcess owner;
    private final int life;
    private final int streamId;
    private final IntConsumer imageGone;
    private final Set<Integer> images = new HashSet<>();
    private final ArrayDeque<Packet> arrived = new ArrayDeque<>();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

    Port(final SimProcess owner, final int streamId, final IntConsumer imageGone) {
        this.owner = owner;
        this.life = owner.life();
        this.streamId = streamId;
        this.imageGone = imageGone;
    }

    /** Takes fragments as they came. */
    @FunctionalInterface
    public interface FragmentSink {
        /** The bytes are valid during the call only. */
        void onFragment(int sessionId, byte flags, DirectBuffer buffer, int offset, int length);
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

    /** Whether the sender's session is known here. */
    public boolean hasImage(final int sessionId) {
        return images.contains(sessionId);
    }

    void addImage(final int sessionId) {
        images.add(sessionId);
    }

    void removeImage(final int sessionId) {
        if (images.remove(sessionId) && isAlive()) {
            imageGone.accept(sessionId);
        }
    }

    void arrive(final Packet packet) {
        if (isAlive()) {
            arrived.add(packet);
            owner.wake(0);
        }
    }

    /** Hands on up to {@code limit} fragments; answers how many. */
    public int poll(final int limit, final FragmentSink sink) {
        int count = 0;
        while (count < limit && !arrived.isEmpty()) {
            final Packet packet = arrived.remove();
            if (packet.channel() != null) {
                packet.channel().consumed(packet.bytes().length);
            }
            view.wrap(packet.bytes());
            sink.onFragment(packet.sessionId(), packet.flags(), view, 0, packet.bytes().length);
            count++;
        }
        if (!arrived.isEmpty()) {
            owner.wake(0);
        }
        return count;
    }
}

package io.cheshire.chaos.sim.net;

import static io.cheshire.transport.core.FrameAssembler.BEGIN;
import static io.cheshire.transport.core.FrameAssembler.END;

import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an exclusive publication is to Aeron: connects by itself once somebody listens, carries frames in order, ends
 * for good when one side hears nothing of the other for too long. On a raw network frames go each their own way.
 */
public final class Channel {
    private static final long NEVER = -1;
    /** Its driver may find that nobody answers after its sender looked, and before it sends. */
    private static final double ENDS_AS_IT_IS_USED = 0.1;

    private final SimDataPlane plane;
    private final SimProcess sender;
    private final int senderLife;
    private final int streamId;
    private final int sessionId;
    private final ArrayDeque<Due> underWay = new ArrayDeque<>();
    private @Nullable Port port;
    private boolean connected;
    private boolean imageUp;
    private boolean over;
    private boolean closed;
    private int inFlightBytes;
    private long lastDueNs;
    private long unheardSinceNs = NEVER;
    private long unansweredSinceNs = NEVER;

    private record Due(long dueNs, Packet packet) {}

    Channel(final SimDataPlane plane, final SimProcess sender, final int streamId, final int sessionId) {
        this.plane = plane;
        this.sender = sender;
        this.senderLife = sender.life();
        this.streamId = streamId;
        this.sessionId = sessionId;
        tryConnect();
    }

    /** Whether a receiver answers. */
    public boolean isConnected() {
        return connected && !closed;
    }

    /** Whether a frame of this length would be taken now. */
    public SendOutcome room(final int length) {
        if (closed) {
            return SendOutcome.CLOSED;
        }
        if (unansweredSinceNs != NEVER && plane.hits(ENDS_AS_IT_IS_USED)) {
            connected = false;
        }
        if (!connected) {
            return SendOutcome.NOT_CONNECTED;
        }
        if (inFlightBytes > 0 && inFlightBytes + length > plane.settings().windowBytes()) {
            return SendOutcome.BACK_PRESSURED;
        }
        return plane.hits(plane.settings().adminActionRate()) ? SendOutcome.ADMIN_ACTION : SendOutcome.SENT;
    }

    /** Takes a frame for which there was room, as one packet however long it is. */
    public void sendWhole(final byte[] frame) {
        sendPacket(new Packet(sessionId, (byte) (BEGIN | END), frame, this));
    }

    /** Whether there is any room. */
    public boolean isFull() {
        return inFlightBytes >= plane.settings().windowBytes();
    }

    /** Takes a frame for which there was room. */
    public void send(final byte[] frame) {
        for (int at = 0; at < frame.length; at += plane.settings().mtuBytes()) {
            final int end = Math.min(frame.length, at + plane.settings().mtuBytes());
            final byte flags = (byte) ((at == 0 ? BEGIN : 0) | (end == frame.length ? END : 0));
            sendPacket(new Packet(sessionId, flags, Arrays.copyOfRange(frame, at, end), this));
        }
    }

    /** Ends it; what is under way still arrives. */
    public void close() {
        closed = true;
    }

    void consumed(final int bytes) {
        inFlightBytes -= bytes;
    }

    private boolean senderLives() {
        return sender.isUp() && sender.life() == senderLife;
    }

    private void tryConnect() {
        if (closed || !senderLives()) {
            return;
        }
        final Port found = plane.port(streamId);
        if (found != null
                && found.isAlive()
                && found.owner().isRunning()
                && sender.isRunning()
                && !plane.paths().isBlocked(sender.host(), found.owner().host())
                && !plane.paths().isBlocked(found.owner().host(), sender.host())) {
            port = found;
            imageUp = true;
            found.addImage(sessionId, SimDataPlane.addressOf(sender.host()));
            plane.world().after(plane.drawDelayNs(sender.host(), found.owner().host()), () -> connected = imageUp);
            watch(found);
        } else {
            plane.world().after(plane.setupIntervalNs(), this::tryConnect);
        }
    }

    private void watch(final Port to) {
        plane.world().after(plane.settings().imageLivenessNs() / 4, () -> {
            judge(to);
            if (imageUp || connected) {
                watch(to);
            } else {
                over = true;
            }
        });
    }

    private void judge(final Port to) {
        final long nowNs = plane.world().nowNs();
        final boolean heard = senderLives()
                && sender.isRunning()
                && !(closed && underWay.isEmpty())
                && !plane.paths().isBlocked(sender.host(), to.owner().host());
        unheardSinceNs = heard ? NEVER : unheardSinceNs == NEVER ? nowNs : unheardSinceNs;
        if (imageUp
                && !heard
                && ((closed && underWay.isEmpty())
                        || nowNs - unheardSinceNs >= plane.settings().imageLivenessNs())) {
            imageUp = false;
            underWay.clear();
            to.removeImage(sessionId);
        }
        final boolean answered = imageUp
                && to.isAlive()
                && to.owner().isRunning()
                && !plane.paths().isBlocked(to.owner().host(), sender.host());
        unansweredSinceNs = answered ? NEVER : unansweredSinceNs == NEVER ? nowNs : unansweredSinceNs;
        if (connected
                && !answered
                && nowNs - unansweredSinceNs >= plane.settings().connectionTimeoutNs()) {
            connected = false;
        }
    }

    private void sendPacket(final Packet packet) {
        final Port to = port;
        if (to == null || over) {
            return;
        }
        inFlightBytes += packet.bytes().length;
        plane.remember(to, packet);
        if (plane.settings().raw()) {
            sendRaw(to, packet);
            return;
        }
        final int from = sender.host();
        final int target = to.owner().host();
        long dueNs = plane.world().nowNs() + plane.transitNs(from, target, packet.bytes().length);
        while (plane.isLost(from, target)) {
            dueNs += plane.settings().retransmitNs();
            plane.countLoss();
        }
        lastDueNs = Math.max(lastDueNs, dueNs);
        underWay.add(new Due(lastDueNs, packet));
        if (underWay.size() == 1) {
            plane.world().after(lastDueNs - plane.world().nowNs(), () -> arrive(to));
        }
    }

    /** The head of the line arrives, or waits until the way is free. */
    private void arrive(final Port to) {
        if (underWay.isEmpty()) {
            return;
        }
        if (imageUp && plane.paths().isBlocked(sender.host(), to.owner().host())) {
            plane.world().after(plane.settings().retransmitNs(), () -> arrive(to));
            return;
        }
        final Packet packet = underWay.remove().packet();
        if (imageUp) {
            to.arrive(plane.maybeCorrupt(packet));
        }
        if (!underWay.isEmpty()) {
            plane.world().after(underWay.element().dueNs() - plane.world().nowNs(), () -> arrive(to));
        }
    }

    private void sendRaw(final Port to, final Packet packet) {
        final int from = sender.host();
        final int target = to.owner().host();
        final int copies = plane.hits(plane.settings().duplicate()) ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
            if (copy == 1) {
                plane.countDuplicate();
            }
            if (plane.isLost(from, target) || plane.paths().isBlocked(from, target)) {
                plane.countLoss();
                if (copy == 0) {
                    inFlightBytes -= packet.bytes().length;
                }
                continue;
            }
            long delayNs = plane.transitNs(from, target, packet.bytes().length);
            if (plane.hits(plane.settings().reorder())) {
                delayNs *= 3;
                plane.countReorder();
            }
            final Packet sent =
                    copy == 0 ? packet : new Packet(packet.sessionId(), packet.flags(), packet.bytes(), null);
            plane.world().after(delayNs, () -> {
                if (imageUp) {
                    to.arrive(plane.maybeCorrupt(sent));
                }
            });
        }
    }
}

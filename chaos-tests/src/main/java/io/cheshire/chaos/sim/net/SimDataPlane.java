package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.transport.core.FrameAssembler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The network that carries rows. */
public final class SimDataPlane {
    private static final int REMEMBERED = 256;
    private static final double MAX_LOSS = 0.9;
    private static final long SETUP_INTERVAL_NS = 20 * World.MS;

    private final World world;
    private final Paths paths;
    private final SplittableRandom random;
    private final Map<Integer, Port> portsByStream = new HashMap<>();
    private final Map<SimProcess, Port> portsByOwner = new HashMap<>();
    private final Lifelines lifelines;
    private final MediaDrivers drivers;
    private final List<Memory> memories = new ArrayList<>();
    private DataSettings settings;
    private int nextSession = 1;
    private long lost;
    private long duplicated;
    private long reordered;
    private long corrupted;
    private long packets;
    private double extraCorrupt;
    private @Nullable Transit transit;

    /** A packet that may come again from the past. */
    private record Memory(SimProcess to, Packet packet) {}

    /** @param seed for what has a chance of its own, so that all else stays what a seed gave before */
    public SimDataPlane(final World world, final Paths paths, final DataSettings settings, final long seed) {
        this.world = world;
        this.lifelines = new Lifelines(world, seed);
        this.drivers = new MediaDrivers(seed);
        this.paths = paths;
        this.settings = settings;
        this.random = world.newRandom();
    }

    World world() {
        return world;
    }

    /** The connections that end with a node's process. */
    public Lifelines lifelines() {
        return lifelines;
    }

    /** What makes channels, one a host. */
    public MediaDrivers drivers() {
        return drivers;
    }

    /** Virtual time. */
    public long nowNs() {
        return world.nowNs();
    }

    public Paths paths() {
        return paths;
    }

    public DataSettings settings() {
        return settings;
    }

    long setupIntervalNs() {
        return SETUP_INTERVAL_NS;
    }

    /** Nothing is lost, doubled, overtaken or damaged any more: the network is one with sessions from now on. */
    public void calm() {
        extraCorrupt = 0;
        drivers.relieveAll();
        settings = new DataSettings(
                false,
                settings.delayNs(),
                settings.jitterNs(),
                0,
                0,
                0,
                0,
                settings.retransmitNs(),
                settings.mtuBytes(),
                settings.windowBytes(),
                settings.imageLivenessNs(),
                settings.connectionTimeoutNs(),
                0);
    }

    /** Listens on a stream until the process's life ends. */
    public Port listen(final SimProcess owner, final int streamId, final IntConsumer imageGone) {
        final Port port = new Port(owner, streamId, imageGone, settings.mtuBytes());
        final Port before = portsByOwner.put(owner, port);
        if (before != null) {
            portsByStream.remove(before.streamId());
        }
        portsByStream.put(streamId, port);
        return port;
    }

    /** Opens a channel to whoever listens on a stream. */
    public Channel open(final SimProcess sender, final int streamId) {
        return new Channel(this, sender, streamId, nextSession++);
    }

    @Nullable
    Port port(final int streamId) {
        return portsByStream.get(streamId);
    }

    boolean hits(final double fraction) {
        return fraction > 0 && random.nextDouble() < fraction;
    }

    /** Whether a packet is lost; some always get through, so that sending again ends. */
    boolean isLost(final int from, final int to) {
        return hits(Math.min(MAX_LOSS, settings.loss() + paths.extraLoss(from, to)));
    }

    /** From now on packets take as long as this says, and not as the settings do. */
    public void paceBy(final Transit newTransit) {
        transit = newTransit;
    }

    /** How long a packet takes. */
    long transitNs(final int from, final int to, final int bytes) {
        final Transit paced = transit;
        return paced == null
                ? drawDelayNs(from, to)
                : paced.transitNs(world.nowNs(), from, to, bytes) + paths.extraDelayNs(from, to);
    }

    long drawDelayNs(final int from, final int to) {
        return settings.delayNs()
                + (settings.jitterNs() == 0 ? 0 : random.nextLong(settings.jitterNs()))
                + paths.extraDelayNs(from, to);
    }

    Packet maybeCorrupt(final Packet packet) {
        if (!hits(settings.corrupt() + extraCorrupt)) {
            return packet;
        }
        corrupted++;
        final byte[] damaged = packet.bytes().clone();
        final int bit = random.nextInt(damaged.length * Byte.SIZE);
        damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return new Packet(packet.sessionId(), packet.flags(), damaged, packet.channel());
    }

    /** Bits flip more often (or less) from now on. */
    public void addCorruption(final double fraction) {
        extraCorrupt = Math.clamp(extraCorrupt + fraction, 0.0, 0.5);
    }

    void remember(final Port to, final Packet packet) {
        packets++;
        final Memory memory =
                new Memory(to.owner(), new Packet(packet.sessionId(), packet.flags(), packet.bytes(), null));
        if (memories.size() < REMEMBERED) {
            memories.add(memory);
        } else if (random.nextInt(16) == 0) {
            memories.set(random.nextInt(REMEMBERED), memory);
        }
    }

    /** A packet of the past, perhaps of another life, comes again; false when there is none or nobody to get it. */
    public boolean replay() {
        if (memories.isEmpty()) {
            return false;
        }
        final Memory memory = memories.get(random.nextInt(memories.size()));
        final Port port = portsByOwner.get(memory.to());
        if (port == null || !port.isAlive()) {
            return false;
        }
        port.arrive(memory.packet());
        return true;
    }

    /**
     * Somebody who is no process of this run sends one frame, over a session of his own; false when nobody listens.
     *
     * @param source where he sends from, {@code address:port}
     */
    public boolean arriveFromOutside(final int streamId, final String source, final byte[] frame) {
        final Port port = portsByStream.get(streamId);
        if (port == null || !port.isAlive()) {
            return false;
        }
        final int sessionId = nextSession++;
        port.addImage(sessionId, source);
        port.arrive(new Packet(sessionId, (byte) (FrameAssembler.BEGIN | FrameAssembler.END), frame, null));
        return true;
    }

    /** Where a host sends from. */
    public static String addressOf(final int host) {
        return "10.0.0." + (1 + host) + ":4000";
    }

    void countLoss() {
        lost++;
    }

    void countDuplicate() {
        duplicated++;
    }

    void countReorder() {
        reordered++;
    }

    public long lost() {
        return lost;
    }

    public long duplicated() {
        return duplicated;
    }

    public long reordered() {
        return reordered;
    }

    public long corrupted() {
        return corrupted;
    }

    /** Packets sent. */
    public long packets() {
        return packets;
    }
}

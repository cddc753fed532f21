package io.cheshire.transport.runtime.lifeline;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lifelines that end with a thread of the process instead of with all of it. A process that is killed lets go of its
 * memory first and of its files after that, which takes 30 ms of a core for an expert node, and several times as long
 * on busy ones. But each of its threads ends by itself, as soon as it is scheduled, and files that only one thread has
 * end with that thread. So one thread holds the connections in a table of its own ({@link ThreadSockets#ownFiles}).
 *
 * <p>That thread must stay clear of whatever else has files: it logs nothing, starts no thread (which would share its
 * table), wakes no virtual one (whose scheduler might start one), and before it takes its table it has run all of its
 * code once, since classes come from files, too.
 */
final class ThreadLifelines implements LifelineServer {
    private static final Logger LOG = LoggerFactory.getLogger(LifelineServer.class);
    private static final int WAKE_TIMEOUT_MS = 1_000;
    /**
     * The listener is looked at again after so long, should the kernel refuse it a connection for want of memory or
     * files.
     */
    private static final int REFUSED_PAUSE_MS = 100;
    /** Connections that the kernel holds until they are accepted: strangers must not fill that, either. */
    private static final int BACKLOG = 128;

    private static final int ANY_PORT = 0;
    /** Any but zero: it is gone before the first router is told where to connect. */
    private static final long REHEARSAL = 0x5EED;

    private final NodeEndpoint starting;
    private final String host;
    private final InetSocketAddress address;
    private final int maxConnections;
    private final LifelineProofs proofs;
    private final CountDownLatch opened = new CountDownLatch(1);
    private volatile int port;
    private volatile int heldCount;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    private ThreadLifelines(
            final NodeEndpoint starting, final String host, final InetSocketAddress address, final int maxConnections) {
        this.starting = starting;
        this.host = host;
        this.address = address;
        this.maxConnections = maxConnections;
        this.proofs = new LifelineProofs(maxConnections);
    }

    /**
     * Starts the thread and waits until it listens.
     *
     * @param address with port 0 for any free one
     * @throws BindException                 the address isn't one of this host, or its port is taken
     * @throws UnsupportedOperationException not on this system, not for a virtual thread, or the kernel refuses
     */
    static ThreadLifelines open(
            final NodeEndpoint node, final String host, final InetSocketAddress address, final int maxConnections)
            throws BindException {
        if (!isSupported()) {
            throw new UnsupportedOperationException("a thread has files of its own on 64-bit Linux only");
        }
        if (Thread.currentThread().isVirtual()) {
            throw new UnsupportedOperationException("the thread with files of its own can't wake a virtual one");
        }
        final ThreadLifelines lifelines = new ThreadLifelines(node, host, address, maxConnections);
        Thread.ofPlatform().daemon().name("lifelines-of-node-" + node.nodeId()).start(lifelines::run);
        boolean interrupted = false;
        while (lifelines.opened.getCount() > 0) {
            try {
                lifelines.opened.await();
            } catch (final InterruptedException cause) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        final Throwable failure = lifelines.failure;
        if (failure instanceof final UnusableAddress unusable) {
            final BindException named = new BindException(unusable.getMessage());
            named.initCause(unusable);
            throw named;
        }
        if (failure != null) {
            throw new UnsupportedOperationException(failure.getMessage(), failure);
        }
        return lifelines;
    }

    /**
     * Whether {@link ThreadSockets} knows this system's structures: asked before that class binds functions others
     * haven't.
     */
    private static boolean isSupported() {
        final String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return System.getProperty("os.name", "").equals("Linux") && (arch.equals("amd64") || arch.equals("aarch64"));
    }

    @Override
    public NodeEndpoint endpoint() {
        return starting.withLifeline(host + ":" + port);
    }

    @Override
    public void allow(final long proof) {
        proofs.allow(proof);
    }

    @Override
    public void revoke(final long proof) {
        proofs.revoke(proof);
    }

    @Override
    public int heldCount() {
        return heldCount;
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            final ThreadSockets sockets = new ThreadSockets(arena);
            requireFree(sockets);
            rehearse(sockets, arena);
            require(sockets.ownFiles(), "close_range");
            final Turns turns = new Turns(sockets, arena, address.getPort(), maxConnections);
            port = turns.port();
            opened.countDown();
            while (!closed) {
                turns.take(WAKE_TIMEOUT_MS);
            }
            turns.end();
        } catch (final Throwable cause) {
            failure = cause;
        } finally {
            opened.countDown();
            heldCount = 0;
        }
    }

    /** While the thread can still load what says what is wrong. */
    private void requireFree(final ThreadSockets sockets) {
        final int listener = sockets.listen(address.getAddress(), address.getPort(), BACKLOG);
        switch (listener) {
            case -ThreadSockets.EADDRINUSE -> throw new UnusableAddress("another process listens there");
            case -ThreadSockets.EADDRNOTAVAIL -> throw new UnusableAddress("that isn't an address of this host");
            case -ThreadSockets.EACCES -> throw new UnusableAddress("this user may not listen on such a port");
            default -> sockets.close(require(listener, "a listener"));
        }
    }

    /** A connection's whole life, a stranger's, who gives way, and one too many: on any port, where no router comes. */
    private void rehearse(final ThreadSockets sockets, final Arena arena) {
        final Turns turns = new Turns(sockets, arena, ANY_PORT, 1);
        proofs.allow(REHEARSAL);
        try {
            final int[] clients = new int[3];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = require(sockets.connect(address.getAddress(), turns.port()), "socket");
                turns.take(WAKE_TIMEOUT_MS);
                if (i == 1) {
                    final int ignored = sockets.send(clients[i], REHEARSAL);
                    turns.take(WAKE_TIMEOUT_MS);
                }
            }
            for (final int client : clients) {
                sockets.close(client);
            }
            // Each turn sees at least one end; a stranger who connected meanwhile may stay.
            for (int turn = 0; heldCount > 0 && turn < clients.length; turn++) {
                turns.take(WAKE_TIMEOUT_MS);
            }
        } finally {
            proofs.revoke(REHEARSAL);
            turns.end();
        }
    }

    private static int require(final int outcome, final String call) {
        if (outcome < 0) {
            throw new UnsupportedOperationException("the kernel refuses " + call + " with error " + -outcome);
        }
        return outcome;
    }

    /** An address that no kind of socket can listen on. */
    private static final class UnusableAddress extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnusableAddress(final String why) {
            super(why);
        }
    }

    /** The table of sockets: the listener first, then the connections that are held. */
    private final class Turns {
        private final ThreadSockets sockets;
        private final int bound;
        private final MemorySegment table;
        /** Of each place: whether a router is there, and if not, how late its connection came. */
        private final boolean[] proved;

        private final long[] arrivals;
        private long arrival;
        private int held;

        Turns(final ThreadSockets sockets, final Arena arena, final int port, final int bound) {
            this.sockets = sockets;
            this.bound = bound;
            this.table = arena.allocate((1L + bound) * ThreadSockets.POLL_ENTRY_BYTES, Long.BYTES);
            this.proved = new boolean[1 + bound];
            this.arrivals = new long[1 + bound];
            put(0, require(sockets.listen(address.getAddress(), port, Math.max(bound, BACKLOG)), "a listener"));
        }

        int port() {
            return require(sockets.port(socket(0)), "getsockname");
        }

        /** Waits for something to happen, and sees to it. */
        void take(final int timeoutMs) {
            final int ready = sockets.poll(table, 1 + held, timeoutMs);
            if (ready < 0) {
                if (ready != -ThreadSockets.EINTR) {
                    require(ready, "poll");
                }
                return;
            }
            for (int i = held; i > 0; i--) {
                if (came(i) != 0 && !stays(i)) {
                    release(i);
                }
            }
            if (came(0) != 0 && !closed) {
                accept();
            }
            int routers = 0;
            for (int i = 1; i <= held; i++) {
                routers += proved[i] ? 1 : 0;
            }
            heldCount = routers;
        }

        /**
         * Whether a connection of which something came goes on: with the proof it is a router's, and gets its answer.
         */
        private boolean stays(final int index) {
            if (proved[index]) {
                return sockets.receive(socket(index)) == -ThreadSockets.EAGAIN;
            }
            final int count = sockets.receiveLong(socket(index));
            if (count != Long.BYTES) {
                return count == -ThreadSockets.EAGAIN;
            }
            proved[index] = proofs.contains(sockets.received())
                    && sockets.send(socket(index), starting.incarnation()) == Long.BYTES;
            return proved[index];
        }

        private int oldestStranger() {
            int oldest = 0;
            for (int i = 1; i <= held; i++) {
                if (!proved[i] && (oldest == 0 || arrivals[i] < arrivals[oldest])) {
                    oldest = i;
                }
            }
            return oldest;
        }

        private void accept() {
            final int connection = sockets.accept(socket(0));
            if (connection >= 0) {
                final int stranger = held < bound ? 0 : oldestStranger();
                if (stranger != 0) {
                    release(stranger);
                }
                if (held < bound) {
                    held++;
                    put(held, connection);
                    proved[held] = false;
                    arrivals[held] = ++arrival;
                } else {
                    sockets.close(connection);
                }
            } else if (connection != -ThreadSockets.EAGAIN && connection != -ThreadSockets.EINTR) {
                final int ignored = sockets.poll(table, 0, REFUSED_PAUSE_MS);
            }
        }

        void end() {
            for (int i = 0; i <= held; i++) {
                sockets.close(socket(i));
            }
            held = 0;
            heldCount = 0;
        }

        private void release(final int index) {
            sockets.close(socket(index));
            put(index, socket(held));
            proved[index] = proved[held];
            arrivals[index] = arrivals[held];
            held--;
        }

        private void put(final int index, final int socket) {
            final long at = index * ThreadSockets.POLL_ENTRY_BYTES;
            table.set(JAVA_INT, at, socket);
            table.set(JAVA_SHORT, at + Integer.BYTES, (short) ThreadSockets.POLLIN);
        }

        private int socket(final int index) {
            return table.get(JAVA_INT, index * ThreadSockets.POLL_ENTRY_BYTES);
        }

        private int came(final int index) {
            return table.get(JAVA_SHORT, index * ThreadSockets.POLL_ENTRY_BYTES + Integer.BYTES + Short.BYTES);
        }
    }

    /** The thread is woken by a connection: it shares nothing else with the others of this process. */
    @Override
    public void close() {
        closed = true;
        final Throwable cause = failure;
        if (cause != null) {
            LOG.warn("the lifelines of node {} had ended before it did: {}", starting.nodeId(), cause.getMessage());
            return;
        }
        try (Socket wake = new Socket()) {
            wake.connect(new InetSocketAddress(address.getAddress(), port), WAKE_TIMEOUT_MS);
        } catch (final IOException refused) {
            LOG.debug("the lifelines' thread sees for itself that it is to end: {}", refused.getMessage());
        }
    }
}

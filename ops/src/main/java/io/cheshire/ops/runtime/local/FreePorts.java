package io.cheshire.ops.runtime.local;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that nobody uses, for processes that others must find before they listen. They lie below the range from which
 * the kernel serves sockets that ask for any port: the members of a cluster open hundreds of those while it starts, and
 * none may get a port that another member is about to listen on. All are held until the last is drawn, so no two are
 * the same; another program may still take one.
 */
public final class FreePorts {
    private static final Path KERNELS_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    /** Of the kernel's range, where it doesn't say: Linux's default. */
    private static final int USUAL_FIRST = 32_768;
    /** Lower ones belong to services that people know by their ports. */
    private static final int LEAST = 16_384;

    private FreePorts() {}

    interface Opener {
        /** @throws BindException the port is taken */
        Closeable open(int port) throws IOException;
    }

    /** @throws IOException the host has no more */
    public static List<Integer> tcp(final int count) throws IOException {
        return draw(count, LEAST, firstOfKernel(), ServerSocket::new);
    }

    /**
     * Of the loopback interface.
     *
     * @throws IOException the host has no more
     */
    public static List<Integer> udp(final int count) throws IOException {
        return draw(count, LEAST, firstOfKernel(), port -> new DatagramSocket(port, InetAddress.getLoopbackAddress()));
    }

    /** Of the ports from {@code first}, below {@code end}. */
    static List<Integer> draw(final int count, final int first, final int end, final Opener opener) throws IOException {
        final List<Integer> ports = new ArrayList<>();
        final List<Closeable> held = new ArrayList<>();
        final int span = end - first;
        final int start = ThreadLocalRandom.current().nextInt(span);
        try {
            for (int step = 0; step < span && ports.size() < count; step++) {
                final int port = first + (start + step) % span;
                try {
                    held.add(opener.open(port));
                    ports.add(port);
                } catch (final BindException taken) {
                    // Somebody listens on it: the next one then.
                }
            }
        } finally {
            for (final Closeable socket : held) {
                socket.close();
            }
        }
        if (ports.size() < count) {
            throw new IOException("of the ports from " + first + " to " + (end - 1) + " only " + ports.size()
                    + " are free, and " + count + " are needed");
        }
        return ports;
    }

    /**
     * The first port that the kernel itself gives away; where it gives away nearly all of them, no port is safer than
     * another.
     */
    static int firstOfKernel() {
        try {
            final String range = Files.readString(KERNELS_RANGE).trim();
            return Math.max(USUAL_FIRST, Integer.parseInt(range.split("\\s+", -1)[0]));
        } catch (final IOException | NumberFormatException doesNotSay) {
            return USUAL_FIRST;
        }
    }
}

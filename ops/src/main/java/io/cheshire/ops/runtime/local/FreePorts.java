package io.cheshire.ops.runtime.local;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Ports that nobody uses, for processes that others must find before they listen. All are held until the last is drawn, so no two
 * are the same; another program may still take one before it is used.
 */
public final class FreePorts {
    private FreePorts() {}

    /** @throws IOException the host has no more */
    public static List<Integer> tcp(final int count) throws IOException {
        final List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (final ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /**
     * Of the loopback interface.
     *
     * @throws IOException the host has no more
     */
    public static List<Integer> udp(final int count) throws IOException {
        final List<DatagramSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new DatagramSocket(0, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(DatagramSocket::getLocalPort).toList();
        } finally {
            sockets.forEach(DatagramSocket::close);
        }
    }
}

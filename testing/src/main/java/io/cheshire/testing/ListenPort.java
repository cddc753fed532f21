package io.cheshire.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port for something that listens a while later. It lies below those that the kernel gives to sockets that ask for
 * any, which tests beside it open by the hundred.
 */
public final class ListenPort {
    private static final int LEAST = 16_384;
    private static final int FIRST_OF_KERNEL = 32_768;

    private ListenPort() {}

    /** One of TCP on the loopback interface that nobody listens on now. */
    public static int free() throws IOException {
        while (true) {
            final int port = ThreadLocalRandom.current().nextInt(LEAST, FIRST_OF_KERNEL);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (final BindException taken) {
                // Another one then.
            }
        }
    }
}

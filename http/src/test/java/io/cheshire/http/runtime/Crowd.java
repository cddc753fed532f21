package io.cheshire.http.runtime;

import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Many clients at once, all closed in the end. */
final class Crowd implements Closeable {
    private final List<Closeable> members = new ArrayList<>();

    void add(final Closeable member) {
        members.add(member);
    }

    /** One more, as soon as there is room. */
    RawClient open(final int port) {
        return await("room for a connection")
                .ignoreException(SocketException.class)
                .until(
                        () -> {
                            final RawClient client = new RawClient(port);
                            members.add(client::close);
                            return client;
                        },
                        Objects::nonNull);
    }

    @Override
    public void close() throws IOException {
        for (final Closeable member : members) {
            member.close();
        }
    }
}

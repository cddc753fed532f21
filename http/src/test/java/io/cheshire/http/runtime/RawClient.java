package io.cheshire.http.runtime;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A socket that says exactly what a test wants it to say. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;

    /** A response: status, headers as sent, body without framing; status -1 is the end of the connection. */
    record Response(int status, String headers, String body) {
        boolean isEnd() {
            return status < 0;
        }
    }

    final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawClient(final int port) throws IOException {
        this(plain(port, 0));
    }

    RawClient(final Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MS);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    static Socket plain(final int port, final int receiveBufferBytes) throws IOException {
        final Socket socket = new Socket();
        if (receiveBufferBytes > 0) {
            socket.setReceiveBufferSize(receiveBufferBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Sends; a connection that the server closed meanwhile is fine, since its answer is what counts. */
    void send(final byte[] bytes) throws IOException {
        try {
            out.write(bytes);
            out.flush();
        } catch (final SocketException e) {
            // The answer may still be readable.
        }
    }

    void send(final String latin1) throws IOException {
        send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    void post(final String path, final String body, final String... headerLines) throws IOException {
        final byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        final StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: a\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n");
        for (final String line : headerLines) {
            head.append(line).append("\r\n");
        }
        send(head + "\r\n");
        send(bytes);
    }

    /** The next response, or the end. */
    Response read() throws IOException {
        final String statusLine = line();
        if (statusLine == null) {
            return new Response(-1, "", "");
        }
        final StringBuilder headers = new StringBuilder();
        int length = 0;
        boolean isChunked = false;
        for (String line = line(); line != null && !line.isEmpty(); line = line()) {
            headers.append(line).append('\n');
            final String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            isChunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
        }
        final int status = Integer.parseInt(statusLine.substring(9, 12));
        final String body =
                status < 200 ? "" : isChunked ? chunks() : new String(in.readNBytes(length), StandardCharsets.UTF_8);
        return new Response(status, headers.toString(), body);
    }

    private String chunks() throws IOException {
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String line = line(); line != null; line = line()) {
            final int size = Integer.parseInt(line, 16);
            body.writeBytes(in.readNBytes(size));
            line();
            if (size == 0) {
                break;
            }
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    /** A line without its CRLF, or null at the end. */
    String line() throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    return line.toString(StandardCharsets.UTF_8).stripTrailing();
                }
                line.write(b);
            }
        } catch (final SocketException e) {
            return null;
        }
        return null;
    }

    /** Bytes as they come, or -1. */
    int readByte() throws IOException {
        try {
            return in.read();
        } catch (final SocketException e) {
            return -1;
        }
    }

    /** So many bytes, fewer at the end of the connection. */
    byte[] readBytesOrEnd(final int count) throws IOException {
        try {
            return in.readNBytes(count);
        } catch (final SocketException e) {
            return new byte[0];
        }
    }

    /** True if the server closes without a further byte. */
    boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (final SocketTimeoutException e) {
            return false;
        } catch (final SocketException e) {
            return true;
        }
    }

    /** Closes with RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

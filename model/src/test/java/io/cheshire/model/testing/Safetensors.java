package io.cheshire.model.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds safetensors files by hand, so that tests can also build wrong ones. */
public final class Safetensors {
    private final Map<String, String> entries = new LinkedHashMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Adds a tensor after those before it. */
    public Safetensors add(final String name, final String dtype, final String shape, final byte[] bytes) {
        final int begin = data.size();
        data.writeBytes(bytes);
        entries.put(
                name,
                "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}".formatted(dtype, shape, begin, data.size()));
        return this;
    }

    /** Writes the file. */
    public Path write(final Path file) throws IOException {
        final StringBuilder json = new StringBuilder("{");
        entries.forEach((name, entry) -> json.append(json.length() > 1 ? "," : "")
                .append('"')
                .append(name)
                .append("\":")
                .append(entry));
        return Files.write(file, file(json.append('}').toString(), data.toByteArray()));
    }

    /** A file of that header, framed with its true length, and that data. */
    public static byte[] file(final String header, final byte[] data) {
        return file(header.getBytes(StandardCharsets.UTF_8), data);
    }

    /** A file of that header, framed with its true length, and that data. */
    public static byte[] file(final byte[] header, final byte[] data) {
        return framed(header.length, header, data);
    }

    /** A file whose header claims {@code headerBytes}. */
    public static byte[] framed(final long headerBytes, final byte[] header, final byte[] data) {
        return ByteBuffer.allocate(8 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerBytes)
                .put(header)
                .put(data)
                .array();
    }
}

package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.safetensors.SafetensorsHeader;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/**
 * One safetensors file, its header checked, its bytes mapped read-only for the life of the arena. Mapping reads
 * nothing: pages come from disk when they are touched.
 *
 * @param name   name in the model directory
 * @param path   where it lies
 * @param stamp  what the file system said of it when it was mapped
 * @param header the checked header
 * @param bytes  the whole file
 */
record MappedFile(String name, Path path, FileStamp stamp, SafetensorsHeader header, MemorySegment bytes) {
    /**
     * Maps a file, and closes it.
     *
     * @throws io.cheshire.model.protocol.safetensors.SafetensorsException if its header is refused
     */
    static MappedFile map(final ModelDirectory.OpenFile file, final Arena arena) throws IOException {
        try (FileChannel channel = file.channel()) {
            final long fileBytes = channel.size();
            final ByteBuffer length =
                    ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (fileBytes >= SafetensorsHeader.LENGTH_BYTES) {
                readFully(channel, length, 0);
            }
            final int headerBytes = SafetensorsHeader.checkLength(fileBytes, length.getLong(0));
            final ByteBuffer json = ByteBuffer.allocate(headerBytes);
            readFully(channel, json, SafetensorsHeader.LENGTH_BYTES);
            final SafetensorsHeader header = SafetensorsHeader.parse(json.array(), fileBytes);
            return new MappedFile(
                    file.name(),
                    file.path(),
                    file.stamp(),
                    header,
                    channel.map(MapMode.READ_ONLY, 0, fileBytes, arena));
        }
    }

    /** The bytes of one of its tensors. */
    MemorySegment data(final TensorEntry tensor) {
        return bytes.asSlice(header.dataOffset() + tensor.begin(), tensor.byteCount());
    }

    private static void readFully(final FileChannel channel, final ByteBuffer into, final long from)
            throws IOException {
        long position = from;
        while (into.hasRemaining()) {
            final int count = channel.read(into, position);
            if (count < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
            position += count;
        }
    }
}

package io.cheshire.model.testing;

import io.cheshire.model.core.kernel.TensorView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Tensors whose file became shorter after it was mapped: who reads them gets an InternalError from the JVM. */
public final class GonePages {
    private GonePages() {}

    /** A tensor like this one, and nothing behind it. */
    public static TensorView of(final TensorView view) {
        final long bytes = view.data().byteSize();
        try {
            final Path file = Files.createTempFile("cheshire-gone-", ".bin");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                final MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
                channel.truncate(0);
                return new TensorView(view.name(), view.dtype(), view.shape(), mapped);
            } finally {
                Files.delete(file);
            }
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }
}

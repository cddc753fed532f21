package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Hashes files side by side, one core each. SHA-256 cannot be split, so one huge file takes one core. */
final class FileHasher {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Progress progress;
    private final AtomicLong doneBytes = new AtomicLong();
    private final long totalBytes;

    private FileHasher(final Progress progress, final long totalBytes) {
        this.progress = progress;
        this.totalBytes = totalBytes;
    }

    /** SHA-256 of every file, in lower-case hexadecimal, by the same names. */
    static SortedMap<String, String> sha256(
            final ModelDirectory directory, final SortedSet<String> files, final Progress progress) {
        long total = 0;
        for (final String file : files) {
            try (ModelDirectory.OpenFile open = directory.open(file)) {
                total += open.stamp().bytes();
            } catch (final IOException e) {
                throw new ModelException("a model file cannot be read: " + e.getMessage(), e);
            }
        }
        final FileHasher hasher = new FileHasher(progress, total);
        final int threads =
                Math.max(1, Math.min(files.size(), Runtime.getRuntime().availableProcessors()));
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            final List<Future<Map.Entry<String, String>>> pending = new ArrayList<>();
            files.forEach(name ->
                    pending.add(workers.submit(() -> Map.entry(name, hasher.hash(directory.open(name))))));
            final SortedMap<String, String> digests = new TreeMap<>();
            for (final Future<Map.Entry<String, String>> one : pending) {
                digests.put(one.get().getKey(), one.get().getValue());
            }
            return digests;
        } catch (final ExecutionException e) {
            throw new ModelException("a model file cannot be hashed: " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("hashing the model was interrupted", e);
        }
    }

    private String hash(final ModelDirectory.OpenFile file) throws IOException {
        final MessageDigest digest = FileHashes.sha256();
        final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (FileChannel channel = file.channel()) {
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                final int count = buffer.remaining();
                digest.update(buffer);
                buffer.clear();
                progress.advanced("hashing", doneBytes.addAndGet(count), totalBytes);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

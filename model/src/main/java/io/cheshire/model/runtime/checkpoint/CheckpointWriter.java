package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.checkpoint.ShardPlan;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigWriter;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.safetensors.HeaderWriter;
import io.cheshire.model.protocol.safetensors.ShardIndex;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a checkpoint directory: the safetensors files in parallel, large writes at fixed places, then the index, and
 * {@code config.json} last, so that a directory that was left half-written isn't a model.
 */
public final class CheckpointWriter {
    private static final int CHUNK_BYTES = 4 << 20;

    /** Gives the bytes of a tensor. Called from several threads; what it writes depends on its arguments alone. */
    @FunctionalInterface
    public interface Content {
        /**
         * Fills {@code into} with the tensor's bytes from {@code offset} on.
         *
         * @param offset a multiple of 4 MiB
         * @param into   direct, little-endian, from position to limit
         */
        void fill(TensorEntry tensor, long offset, ByteBuffer into);
    }

    private record Chunk(FileChannel file, long dataOffset, TensorEntry tensor, long offset) {}

    private final Content content;
    private final Progress progress;
    private final long totalBytes;
    private final AtomicLong doneBytes = new AtomicLong();
    private final List<Chunk> chunks = new ArrayList<>();

    private CheckpointWriter(final Content content, final Progress progress, final long totalBytes) {
        this.content = content;
        this.progress = progress;
        this.totalBytes = totalBytes;
    }

    /**
     * Writes everything, creating the directory where needed.
     *
     * @throws ModelException if the directory already holds a model, if the disk is too small, or if writing fails
     */
    public static void write(
            final Path directory,
            final ModelConfig config,
            final ShardPlan plan,
            final Content content,
            final Progress progress) {
        final byte[] text = ModelConfigWriter.toJson(config).getBytes(StandardCharsets.UTF_8);
        write(directory, new TreeMap<>(Map.of(ModelFile.CONFIG.fileName(), text)), plan, content, progress);
    }

    /**
     * The same with other files beside the weights.
     *
     * @param files by their names, {@code config.json} among them
     */
    static void write(
            final Path directory,
            final SortedMap<String, byte[]> files,
            final ShardPlan plan,
            final Content content,
            final Progress progress) {
        try {
            Files.createDirectories(directory);
            checkRoom(directory, plan);
            new CheckpointWriter(content, progress, plan.dataBytes()).writeFiles(directory, plan);
            if (plan.shards().size() > 1) {
                final Map<String, String> fileOf = new HashMap<>();
                plan.shards().forEach(shard -> shard.tensors().forEach(t -> fileOf.put(t.name(), shard.fileName())));
                Files.writeString(directory.resolve(ShardIndex.FILE_NAME), ShardIndex.toJson(fileOf, plan.dataBytes()));
            }
            final String config = ModelFile.CONFIG.fileName();
            for (final Map.Entry<String, byte[]> file : files.entrySet()) {
                if (!file.getKey().equals(config)) {
                    Files.write(directory.resolve(file.getKey()), file.getValue());
                }
            }
            Files.write(directory.resolve(config), Objects.requireNonNull(files.get(config), config));
        } catch (final IOException e) {
            throw new ModelException(directory + " cannot be written: " + e, e);
        }
    }

    private static void checkRoom(final Path directory, final ShardPlan plan) throws IOException {
        final List<String> problems = new ArrayList<>();
        for (final String name : ModelDirectory.unlisted(directory, CheckpointOptions.DEFAULT.manifest())
                .names()) {
            if (name.equals(ModelFile.CONFIG.fileName())
                    || name.endsWith(".safetensors")
                    || name.endsWith(".index.json")) {
                problems.add(name + " is already there; choose an empty directory");
            }
        }
        final long usableBytes = Files.getFileStore(directory).getUsableSpace();
        if (plan.dataBytes() > usableBytes) {
            problems.add("the model needs " + plan.dataBytes() + " bytes and the disk has " + usableBytes
                    + " left; choose another disk or a smaller model");
        }
        if (!problems.isEmpty()) {
            throw new ModelException("a model cannot be written to " + directory, problems);
        }
    }

    /**
     * Writes the manifest of a directory: SHA-256 of all its files.
     *
     * @throws ModelException if it can't
     */
    static void writeManifest(final Path directory, final Progress progress) {
        final ModelDirectory written = ModelDirectory.unlisted(directory, CheckpointOptions.ManifestPolicy.TRUST);
        final SortedSet<String> names = new TreeSet<>(written.names());
        final Manifest manifest = new Manifest(FileHasher.sha256(written, names, progress));
        try {
            Files.writeString(directory.resolve(Manifest.FILE_NAME), manifest.toJson());
        } catch (final IOException e) {
            throw new ModelException(directory + " cannot be written: " + e, e);
        }
    }

    private void writeFiles(final Path directory, final ShardPlan plan) throws IOException {
        final List<FileChannel> files = new ArrayList<>();
        try {
            for (final ShardPlan.Shard shard : plan.shards()) {
                final FileChannel file = FileChannel.open(
                        directory.resolve(shard.fileName()), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                files.add(file);
                final byte[] header = HeaderWriter.write(shard.tensors());
                writeAt(file, ByteBuffer.wrap(header), 0);
                shard.tensors().forEach(tensor -> addChunks(file, header.length, tensor));
            }
            runAll();
        } finally {
            for (final FileChannel file : files) {
                file.close();
            }
        }
    }

    private void addChunks(final FileChannel file, final long dataOffset, final TensorEntry tensor) {
        for (long offset = 0; offset < tensor.byteCount(); offset += CHUNK_BYTES) {
            chunks.add(new Chunk(file, dataOffset, tensor, offset));
        }
    }

    private void runAll() throws IOException {
        final AtomicInteger next = new AtomicInteger();
        final int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            final List<Future<?>> pending = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                pending.add(workers.submit(() -> {
                    writeChunks(next);
                    return null;
                }));
            }
            for (final Future<?> one : pending) {
                one.get();
            }
        } catch (final ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void writeChunks(final AtomicInteger next) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = next.getAndIncrement(); i < chunks.size(); i = next.getAndIncrement()) {
            final Chunk chunk = chunks.get(i);
            final int bytes = (int) Math.min(CHUNK_BYTES, chunk.tensor.byteCount() - chunk.offset);
            buffer.clear().limit(bytes);
            content.fill(chunk.tensor, chunk.offset, buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN));
            writeAt(chunk.file, buffer, chunk.dataOffset + chunk.tensor.begin() + chunk.offset);
            progress.advanced("writing", doneBytes.addAndGet(bytes), totalBytes);
        }
    }

    private static void writeAt(final FileChannel file, final ByteBuffer bytes, final long from) throws IOException {
        long position = from;
        while (bytes.hasRemaining()) {
            position += file.write(bytes, position);
        }
    }
}

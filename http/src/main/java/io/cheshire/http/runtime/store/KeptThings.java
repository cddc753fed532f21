package io.cheshire.http.runtime.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * Things that users left, each with an id and a tenant, who alone finds it. A file has parts beside its head. What a
 * method returned is written: a process that dies loses nothing of it (a machine that dies may lose its last seconds).
 * Everything has bounds and a last day. Thread-safe.
 */
public final class KeptThings implements AutoCloseable {
    private static final String FILE = "kept.mv";
    private static final String CUT = "/";
    /** Of a value: when it was made and when it is forgotten, before the thing itself. */
    private static final int STAMP_BYTES = 2 * Long.BYTES;

    private static final int CACHE_MB = 4;
    /** Reading looks for what has had its time no more often. */
    private static final long LOOK_SECONDS = 60;

    /** What was written over is kept so long, in case a machine dies before its disk has what came after. */
    private static final int RETENTION_MS = 5_000;

    private final StoreConfig config;
    private final LongSupplier nowSeconds;
    private final MVStore store;
    private final MVMap<String, byte[]> things;
    private final MVMap<String, byte[]> parts;
    private long lookedSeconds;
    private final Map<Kind, KeptIndex> indexes = new EnumMap<>(Kind.class);

    /** What there may be. */
    public enum Kind {
        /** The oldest makes room for the next one. */
        RESPONSE,
        /** When there is no room, no more are taken. */
        FILE,
        /** Likewise. */
        BATCH
    }

    /** A thing that was found. */
    public record Kept(String tenant, String id, long createdSeconds, long expiresSeconds, byte[] value) {}

    /** There is no room for a file or a batch; the message says why, and what helps. */
    public static final class FullException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FullException(final String message) {
            super(message);
        }
    }

    private KeptThings(final StoreConfig config, final MVStore store, final LongSupplier nowSeconds) {
        this.config = config;
        this.nowSeconds = nowSeconds;
        this.store = store;
        store.setRetentionTime(RETENTION_MS);
        store.setVersionsToKeep(0);
        final MVMap.Builder<String, byte[]> bytes = new MVMap.Builder<String, byte[]>()
                .keyType(StringDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE);
        this.things = store.openMap("things", bytes);
        this.parts = store.openMap(
                "parts",
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
        for (final Kind kind : Kind.values()) {
            indexes.put(kind, new KeptIndex());
        }
        readIndexes();
    }

    /**
     * Opens what is in the directory, or an empty one.
     *
     * @param nowSeconds Unix time
     * @throws IllegalArgumentException the directory can't be used, or another process uses it
     */
    public static KeptThings open(final StoreConfig config, final LongSupplier nowSeconds) {
        final Path directory = config.directory();
        final MVStore.Builder builder = new MVStore.Builder().cacheSize(CACHE_MB).autoCommitDisabled();
        try {
            if (directory != null) {
                Files.createDirectories(directory);
                builder.fileName(directory.resolve(FILE).toString());
            }
            return new KeptThings(config, builder.open(), nowSeconds);
        } catch (final IOException | MVStoreException e) {
            throw new IllegalArgumentException(
                    StoreConfig.SECTION + ".directory = " + directory + " can't be used ("
                            + e.getMessage() + "); name a directory that may be written and that no other process uses,"
                            + " or leave it empty to keep everything in memory",
                    e);
        }
    }

    private void readIndexes() {
        final Map<String, Long> partBytes = new java.util.HashMap<>();
        for (final Map.Entry<String, byte[]> part : parts.entrySet()) {
            partBytes.merge(
                    part.getKey().substring(0, part.getKey().indexOf(CUT)), (long) part.getValue().length, Long::sum);
        }
        things.entrySet().stream()
                .map(entry -> kept(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(found -> found.thing().createdSeconds()))
                .forEach(found -> index(found.kind())
                        .put(entryOf(
                                found.thing(),
                                found.thing().value().length
                                        + partBytes.getOrDefault(found.thing().id(), 0L))));
        // A process that died between a thing and its parts left parts that nobody finds.
        partBytes.keySet().stream()
                .filter(id -> index(Kind.FILE).all().stream().noneMatch(entry -> entry.id().equals(id)))
                .toList()
                .forEach(this::removeParts);
        forgetExpired();
    }

    private record Found(Kind kind, Kept thing) {}

    private static Found kept(final String key, final byte[] stored) {
        final String[] names = key.split(CUT, -1);
        final ByteBuffer buffer = ByteBuffer.wrap(stored);
        final long created = buffer.getLong();
        final long expires = buffer.getLong();
        final byte[] value = new byte[buffer.remaining()];
        buffer.get(value);
        return new Found(Kind.valueOf(names[0]), new Kept(names[1], names[2], created, expires, value));
    }

    private static KeptIndex.Entry entryOf(final Kept thing, final long bytes) {
        return new KeptIndex.Entry(thing.tenant(), thing.id(), thing.createdSeconds(), thing.expiresSeconds(), bytes);
    }

    private KeptIndex index(final Kind kind) {
        return Objects.requireNonNull(indexes.get(kind));
    }

    private static String key(final Kind kind, final String tenant, final String id) {
        return kind + CUT + tenant + CUT + id;
    }

    private static String partKey(final String fileId, final int part) {
        return fileId + CUT + String.format("%010d", part);
    }

    /** A tenant's thing, or null: there is none, it expired, or it is somebody else's. */
    public synchronized @Nullable Kept get(final Kind kind, final String tenant, final String id) {
        if (nowSeconds.getAsLong() - lookedSeconds >= LOOK_SECONDS) {
            forgetExpired();
            store.commit();
        }
        final KeptIndex.Entry entry = index(kind).get(tenant, id);
        if (entry == null || entry.expiresSeconds() <= nowSeconds.getAsLong()) {
            return null;
        }
        final byte[] stored = things.get(key(kind, tenant, id));
        return stored == null ? null : kept(key(kind, tenant, id), stored).thing();
    }

    /** A tenant's things, oldest first. */
    public synchronized List<Kept> all(final Kind kind, final String tenant) {
        return index(kind).of(tenant).stream()
                .map(entry -> get(kind, tenant, entry.id()))
                .filter(Objects::nonNull)
                .toList();
    }

    /** Everybody's things. */
    public synchronized List<Kept> all(final Kind kind) {
        return index(kind).all().stream()
                .map(entry -> get(kind, entry.tenant(), entry.id()))
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Keeps a thing, instead of the one with its id if there is one, which it then is as old as.
     *
     * @throws FullException there is no room for a new one
     */
    public synchronized void put(final Kind kind, final String tenant, final String id, final byte[] value) {
        forgetExpired();
        final KeptIndex index = index(kind);
        final KeptIndex.Entry old = index.get(tenant, id);
        final long now = nowSeconds.getAsLong();
        final long created = old == null ? now : old.createdSeconds();
        final long expires = old == null ? now + config.keptSeconds() : old.expiresSeconds();
        if (old == null) {
            makeRoom(kind, value.length);
        }
        final byte[] stored = new byte[STAMP_BYTES + value.length];
        ByteBuffer.wrap(stored).putLong(created).putLong(expires).put(value);
        things.put(key(kind, tenant, id), stored);
        if (old == null) {
            index.put(new KeptIndex.Entry(tenant, id, created, expires, value.length));
        }
        store.commit();
    }

    private void makeRoom(final Kind kind, final long more) {
        final KeptIndex index = index(kind);
        if (kind == Kind.RESPONSE) {
            if (more > config.responseBytes()) {
                throw full("A response of " + more + " bytes can't be kept", "response-bytes");
            }
            while (index.count() >= config.responses() || index.bytes() + more > config.responseBytes()) {
                final KeptIndex.Entry oldest = Objects.requireNonNull(index.oldestOfLargest());
                remove(kind, oldest.tenant(), oldest.id());
            }
        } else if (index.count() >= config.files()) {
            throw full(
                    "There are " + index.count() + " " + (kind == Kind.FILE ? "files" : "batches") + " already",
                    "files");
        } else {
            requireBytes(more);
        }
    }

    private void requireBytes(final long more) {
        final long held = index(Kind.FILE).bytes() + index(Kind.BATCH).bytes();
        if (held + more > config.fileBytes()) {
            throw full("Files hold " + held + " bytes, and " + more + " more are wanted", "file-bytes");
        }
    }

    private static FullException full(final String what, final String setting) {
        return new FullException(what + "; delete some, or raise " + StoreConfig.SECTION + "." + setting + ".");
    }

    /**
     * Adds a part to a file that is there; a part that it has already stays as it is.
     *
     * @return false: it had that part
     * @throws FullException there is no room
     */
    public synchronized boolean addPart(
            final String tenant, final String fileId, final int part, final byte[] value) {
        requireBytes(value.length);
        if (index(Kind.FILE).get(tenant, fileId) == null || parts.containsKey(partKey(fileId, part))) {
            return false;
        }
        parts.put(partKey(fileId, part), value);
        index(Kind.FILE).grow(tenant, fileId, value.length);
        store.commit();
        return true;
    }

    /** Keeps a file with its parts at once. */
    public synchronized void putFile(
            final String tenant, final String id, final byte[] head, final List<byte[]> content) {
        forgetExpired();
        requireBytes(head.length + content.stream().mapToLong(part -> part.length).sum());
        if (index(Kind.FILE).count() >= config.files()) {
            makeRoom(Kind.FILE, head.length);
        }
        long bytes = 0;
        for (int i = 0; i < content.size(); i++) {
            parts.put(partKey(id, i), content.get(i));
            bytes += content.get(i).length;
        }
        put(Kind.FILE, tenant, id, head);
        index(Kind.FILE).grow(tenant, id, bytes);
    }

    /** A part of a file, or null; whose file it is must be known. */
    public byte @Nullable [] part(final String fileId, final int part) {
        return parts.get(partKey(fileId, part));
    }

    /** Parts of a file in their order, which need not follow each other. */
    public Iterable<byte[]> parts(final String fileId) {
        return () -> new PartIterator(parts, fileId + CUT);
    }

    /** Bytes of a file's parts. */
    public long partBytes(final String fileId) {
        long bytes = 0;
        for (final byte[] part : parts(fileId)) {
            bytes += part.length;
        }
        return bytes;
    }

    /** How many parts a file has. */
    public int partCount(final String fileId) {
        int count = 0;
        for (final byte[] _ : parts(fileId)) {
            count++;
        }
        return count;
    }

    /** Forgets a thing, with its parts; false: there is none. */
    public synchronized boolean delete(final Kind kind, final String tenant, final String id) {
        final boolean isThere = get(kind, tenant, id) != null;
        remove(kind, tenant, id);
        store.commit();
        return isThere;
    }

    private void remove(final Kind kind, final String tenant, final String id) {
        if (index(kind).remove(tenant, id) != null) {
            things.remove(key(kind, tenant, id));
            if (kind == Kind.FILE) {
                removeParts(id);
            }
        }
    }

    private void removeParts(final String fileId) {
        final String first = fileId + CUT;
        for (String key = parts.ceilingKey(first);
                key != null && key.startsWith(first);
                key = parts.higherKey(key)) {
            parts.remove(key);
        }
    }

    /** Forgets what has had its time. */
    public synchronized void forgetExpired() {
        final long now = nowSeconds.getAsLong();
        lookedSeconds = now;
        indexes.forEach((kind, index) -> index.all().stream()
                .filter(entry -> entry.expiresSeconds() <= now)
                .forEach(entry -> remove(kind, entry.tenant(), entry.id())));
    }

    /** How many things of a kind there are. */
    public synchronized int count(final Kind kind) {
        return index(kind).count();
    }

    /** Bytes of the things of a kind. */
    public synchronized long bytes(final Kind kind) {
        return index(kind).bytes();
    }

    @Override
    public synchronized void close() {
        store.close();
    }
}

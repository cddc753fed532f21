package io.cheshire.http.runtime.store;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * Things that users left, each with an id and a tenant, who alone finds it. A file has parts beside its head. What a
 * method returned is written: a process that dies loses nothing of it (a machine that dies may lose its last seconds).
 * Everything has bounds and a last day. Thread-safe.
 */
public final class KeptThings implements AutoCloseable {
    /** Reading looks for what has had its time no more often. */
    private static final long LOOK_SECONDS = 60;

    private final StoreConfig config;
    private final LongSupplier nowSeconds;
    private final MVStore store;
    private final MVMap<String, byte[]> things;
    private final KeptParts parts;
    private final KeptBounds bounds;
    private final StoreCounts counts = new StoreCounts();
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

    /** A thing that was found; its value is the reader's own. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares two of them
    public record Kept(String tenant, String id, long createdSeconds, long expiresSeconds, byte[] value) {}

    private KeptThings(final StoreConfig config, final MVStore store, final LongSupplier nowSeconds) {
        this.config = config;
        this.nowSeconds = nowSeconds;
        this.store = store;
        this.things = StoreFile.map(store, "things");
        this.parts = new KeptParts(StoreFile.map(store, "parts"));
        List.of(Kind.values()).forEach(kind -> indexes.put(kind, new KeptIndex()));
        this.bounds = new KeptBounds(config, index(Kind.RESPONSE), index(Kind.FILE), index(Kind.BATCH), counts);
        readIndexes();
    }

    /**
     * Opens what is in the directory, or an empty one.
     *
     * @param nowSeconds Unix time
     * @throws IllegalArgumentException the directory can't be used, or another process uses it
     */
    public static KeptThings open(final StoreConfig config, final LongSupplier nowSeconds) {
        return new KeptThings(config, StoreFile.open(config.directory()), nowSeconds);
    }

    private void readIndexes() {
        final Map<String, Long> partBytes = parts.bytes();
        things.entrySet().stream()
                .map(entry -> StoredThing.read(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(found -> found.thing().createdSeconds()))
                .forEach(found -> index(found.kind())
                        .put(found.entry(partBytes.getOrDefault(found.thing().id(), 0L))));
        parts.keepOnly(index(Kind.FILE).all().stream().map(KeptIndex.Entry::id).collect(Collectors.toSet()));
        forgetExpired();
    }

    private KeptIndex index(final Kind kind) {
        return Objects.requireNonNull(indexes.get(kind));
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
        final String key = StoredThing.key(kind, tenant, id);
        final byte[] stored = things.get(key);
        return stored == null ? null : StoredThing.read(key, stored).thing();
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
        things.put(StoredThing.key(kind, tenant, id), StoredThing.bytes(created, expires, value));
        if (old == null) {
            index.put(new KeptIndex.Entry(tenant, id, created, expires, value.length));
        }
        store.commit();
    }

    private void makeRoom(final Kind kind, final long more) {
        if (kind != Kind.RESPONSE) {
            bounds.require(kind, more);
            return;
        }
        for (KeptIndex.Entry next = bounds.toForget(more); next != null; next = bounds.toForget(more)) {
            remove(kind, next.tenant(), next.id());
            counts.oneEvicted();
        }
    }

    /**
     * Adds a part to a file that is there; a part that it has already stays as it is.
     *
     * @return false: it had that part
     * @throws FullException there is no room
     */
    public synchronized boolean addPart(final String tenant, final String fileId, final int part, final byte[] value) {
        bounds.requireBytes(value.length);
        if (index(Kind.FILE).get(tenant, fileId) == null || !parts.add(fileId, part, value)) {
            return false;
        }
        index(Kind.FILE).grow(tenant, fileId, value.length);
        store.commit();
        return true;
    }

    /** Begins a file, of which nobody knows before it is finished. */
    public FileUpload upload(final String tenant, final String id) {
        return new FileUpload(this, tenant, id);
    }

    synchronized void arrive(final String fileId, final int first, final List<byte[]> values, final long bytes) {
        bounds.require(Kind.FILE, bytes);
        parts.addAll(fileId, first, values);
        index(Kind.FILE).reserve(bytes);
        store.commit();
    }

    synchronized void arrived(final String tenant, final String fileId, final byte[] head, final long bytes) {
        put(Kind.FILE, tenant, fileId, head);
        index(Kind.FILE).claim(tenant, fileId, bytes);
    }

    synchronized void vanished(final String fileId, final long bytes) {
        index(Kind.FILE).reserve(-bytes);
        if (!store.isClosed()) {
            parts.remove(fileId);
            store.commit();
        }
    }

    /** A part of a file, or null; whose file it is must be known. */
    public byte @Nullable [] part(final String fileId, final int part) {
        return parts.get(fileId, part);
    }

    /** Parts of a file in their order, which need not follow each other. */
    public Iterable<byte[]> parts(final String fileId) {
        return parts.of(fileId);
    }

    /** How many parts a file has, and their bytes. */
    public PartSum sumOfParts(final String fileId) {
        return parts.sum(fileId);
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
            things.remove(StoredThing.key(kind, tenant, id));
            if (kind == Kind.FILE) {
                parts.remove(id);
            }
        }
    }

    /** Forgets what has had its time. */
    public synchronized void forgetExpired() {
        final long now = nowSeconds.getAsLong();
        lookedSeconds = now;
        indexes.forEach((kind, index) -> index.expired(now).forEach(entry -> {
            remove(kind, entry.tenant(), entry.id());
            counts.oneExpired();
        }));
    }

    /** What became of things. */
    public StoreCounts counts() {
        return counts;
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

package io.cheshire.http.runtime.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which things of one kind there are, whose they are and how large: what bounds look at. Used under a lock. */
final class KeptIndex {
    /** One thing. */
    record Entry(String tenant, String id, long createdSeconds, long expiresSeconds, long bytes) {}

    private final Map<String, Map<String, Entry>> byTenant = new HashMap<>();
    private final Map<String, Long> bytesOf = new HashMap<>();
    private int count;
    private long bytes;

    @Nullable
    Entry get(final String tenant, final String id) {
        return byTenant.getOrDefault(tenant, Map.of()).get(id);
    }

    void put(final Entry entry) {
        remove(entry.tenant(), entry.id());
        byTenant.computeIfAbsent(entry.tenant(), _ -> new LinkedHashMap<>()).put(entry.id(), entry);
        count++;
        add(entry.tenant(), entry.bytes());
    }

    /** A thing became larger. */
    void grow(final String tenant, final String id, final long more) {
        final Entry entry = get(tenant, id);
        if (entry != null) {
            byTenant.getOrDefault(tenant, Map.of())
                    .replace(
                            id,
                            new Entry(
                                    tenant, id, entry.createdSeconds(), entry.expiresSeconds(), entry.bytes() + more));
            add(tenant, more);
        }
    }

    @Nullable
    Entry remove(final String tenant, final String id) {
        final Map<String, Entry> own = byTenant.getOrDefault(tenant, Map.of());
        final Entry entry = own.isEmpty() ? null : own.remove(id);
        if (entry != null) {
            count--;
            add(tenant, -entry.bytes());
            if (own.isEmpty()) {
                byTenant.remove(tenant);
            }
        }
        return entry;
    }

    /** Bytes that count and belong to nothing that can be found yet. */
    void reserve(final long more) {
        bytes += more;
    }

    /** Of the bytes reserved so many belong to a thing from now on. */
    void claim(final String tenant, final String id, final long reserved) {
        bytes -= reserved;
        grow(tenant, id, reserved);
    }

    /** Those whose time is over. */
    List<Entry> expired(final long nowSeconds) {
        return all().stream()
                .filter(entry -> entry.expiresSeconds() <= nowSeconds)
                .toList();
    }

    private void add(final String tenant, final long more) {
        bytes += more;
        final long own = bytesOf.getOrDefault(tenant, 0L) + more;
        if (own == 0) {
            bytesOf.remove(tenant);
        } else {
            bytesOf.put(tenant, own);
        }
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /** A tenant's, oldest first. */
    List<Entry> of(final String tenant) {
        return List.copyOf(byTenant.getOrDefault(tenant, Map.of()).values());
    }

    /** Everybody's, in no order. */
    List<Entry> all() {
        final List<Entry> all = new ArrayList<>();
        byTenant.values().forEach(own -> all.addAll(own.values()));
        return all;
    }

    /** The oldest of the tenant who has the most, so that nobody's are driven out by others; null: there are none. */
    @Nullable
    Entry oldestOfLargest() {
        return bytesOf.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .flatMap(largest -> of(largest.getKey()).stream().findFirst())
                .orElse(null);
    }
}

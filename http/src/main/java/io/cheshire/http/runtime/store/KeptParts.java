package io.cheshire.http.runtime.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/** The parts of files, by file and number; whose a file is {@link KeptThings} knows. Thread-safe. */
final class KeptParts {
    private static final String CUT = "/";

    private final MVMap<String, byte[]> map;

    KeptParts(final MVMap<String, byte[]> map) {
        this.map = map;
    }

    private static String key(final String fileId, final int part) {
        return fileId + CUT + String.format("%010d", part);
    }

    byte @Nullable [] get(final String fileId, final int part) {
        return map.get(key(fileId, part));
    }

    /** False: there is that part. */
    boolean add(final String fileId, final int part, final byte[] value) {
        return map.putIfAbsent(key(fileId, part), value) == null;
    }

    /** Some that follow each other, of a file that has none of them. */
    void addAll(final String fileId, final int first, final List<byte[]> values) {
        for (int i = 0; i < values.size(); i++) {
            map.put(key(fileId, first + i), values.get(i));
        }
    }

    PartSum sum(final String fileId) {
        int count = 0;
        long bytes = 0;
        for (final byte[] part : of(fileId)) {
            count++;
            bytes += part.length;
        }
        return new PartSum(count, bytes);
    }

    /** In their order, which need not follow each other. */
    Iterable<byte[]> of(final String fileId) {
        return () -> new PartIterator(map, fileId + CUT);
    }

    void remove(final String fileId) {
        final String first = fileId + CUT;
        for (String key = map.ceilingKey(first); key != null && key.startsWith(first); key = map.higherKey(key)) {
            map.remove(key);
        }
    }

    /** Bytes of each file. */
    Map<String, Long> bytes() {
        final Map<String, Long> bytes = new HashMap<>();
        for (final Map.Entry<String, byte[]> part : map.entrySet()) {
            final String fileId = part.getKey().substring(0, part.getKey().indexOf(CUT));
            bytes.merge(fileId, (long) part.getValue().length, Long::sum);
        }
        return bytes;
    }

    /** A process that died between a file and its parts left parts that nobody finds. */
    void keepOnly(final Set<String> fileIds) {
        bytes().keySet().stream().filter(id -> !fileIds.contains(id)).forEach(this::remove);
    }
}

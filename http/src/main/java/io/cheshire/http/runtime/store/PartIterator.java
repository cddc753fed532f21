package io.cheshire.http.runtime.store;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/** The values of keys with one beginning, in the order of keys, one at a time. Used by one thread. */
final class PartIterator implements Iterator<byte[]> {
    private final MVMap<String, byte[]> map;
    private final String beginning;
    private @Nullable String key;

    PartIterator(final MVMap<String, byte[]> map, final String beginning) {
        this.map = map;
        this.beginning = beginning;
        this.key = map.ceilingKey(beginning);
    }

    @Override
    public boolean hasNext() {
        return key != null && key.startsWith(beginning);
    }

    @Override
    public byte[] next() {
        final String current = key;
        if (current == null || !hasNext()) {
            throw new NoSuchElementException();
        }
        final byte[] value = map.get(current);
        key = map.higherKey(current);
        // Deleted meanwhile: whoever reads it sees an end.
        return value == null ? new byte[0] : value;
    }
}

package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dict in the order of insertion. Keys are equal as in Python: 1, 1.0 and true are one key. */
final class DictValue {
    record Entry(Object key, Object value) {}

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    /** Sets a value; a key that is there already stays as it was written first. */
    DictValue put(final Object key, final Object value) {
        final Object normal = normal(key);
        final Entry old = entries.get(normal);
        entries.put(normal, new Entry(old == null ? key : old.key(), value));
        return this;
    }

    @Nullable
    Object get(final Object key) {
        final Entry entry = entries.get(normal(key));
        return entry == null ? null : entry.value();
    }

    boolean contains(final Object key) {
        return entries.containsKey(normal(key));
    }

    int size() {
        return entries.size();
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    DictValue copy() {
        final DictValue copy = new DictValue();
        copy.entries.putAll(entries);
        return copy;
    }

    /** One object for all keys that Python calls equal. */
    static Object normal(final Object key) {
        return switch (key) {
            case Boolean flag -> flag ? 1L : 0L;
            case Double real when real == Math.rint(real) && Math.abs(real) < 0x1p62 -> (long) (double) real;
            case ListValue list
            when !list.isList() -> {
                final List<Object> items = new ArrayList<>();
                list.items().forEach(item -> items.add(normal(item)));
                yield items;
            }
            case ListValue _, DictValue _ ->
                throw TemplateFault.failed("unhashable type: '" + Values.typeName(key) + "'");
            default -> key;
        };
    }
}

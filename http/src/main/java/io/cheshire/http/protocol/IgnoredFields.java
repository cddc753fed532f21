package io.cheshire.http.protocol;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Fields of one request that were accepted without effect, for the header that names them. Places in lists are left out
 * ({@code messages[].name}), so that a long conversation names each field once; bounded for hostile ones. Used by one
 * thread.
 */
final class IgnoredFields {
    /** With names as long as {@link FieldReader} shows, the header stays below 2 KiB. */
    private static final int MAX_NAMES = 16;

    private static final String AND_MORE = "...";
    private static final Pattern INDEX = Pattern.compile("\\[\\d+]");

    private final Set<String> names = new LinkedHashSet<>();
    private boolean hasMore;

    void add(final String path) {
        final String name = INDEX.matcher(path).replaceAll("[]");
        if (names.size() < MAX_NAMES) {
            names.add(name);
        } else if (!names.contains(name)) {
            hasMore = true;
        }
    }

    /** In the order in which they were met; the last is {@code ...} if there were more than are kept. */
    List<String> names() {
        final List<String> list = new ArrayList<>(names);
        if (hasMore) {
            list.add(AND_MORE);
        }
        return List.copyOf(list);
    }
}

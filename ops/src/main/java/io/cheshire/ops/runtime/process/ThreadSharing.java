package io.cheshire.ops.runtime.process;

import io.cheshire.settings.SettingReader;
import java.util.LinkedHashMap;
import java.util.Map;

/** Whether the agents of a process take turns on one thread or have one each (docs/decisions/0003). */
public enum ThreadSharing {
    SHARED,
    DEDICATED;

    private static final int SHARED_UP_TO_CORES = 4;

    /** Reads {@code cheshire.threads} of a whole configuration; {@code auto} goes by the cores of this process. */
    public static ThreadSharing from(final SettingReader root) {
        final boolean isSmall = Runtime.getRuntime().availableProcessors() <= SHARED_UP_TO_CORES;
        final Map<String, ThreadSharing> words = new LinkedHashMap<>();
        words.put("auto", isSmall ? SHARED : DEDICATED);
        words.put("shared", SHARED);
        words.put("dedicated", DEDICATED);
        return root.choice("cheshire.threads", words);
    }
}

package io.cheshire.ops.runtime.process;

/** Whether the agents of a process take turns on one thread or have one each (docs/decisions/0003). */
public enum ThreadSharing {
    SHARED,
    DEDICATED;

    private static final int SHARED_UP_TO_CORES = 4;

    /**
     * Reads the setting.
     *
     * @param value {@code auto}, {@code shared} or {@code dedicated}
     * @param cores of this process
     */
    public static ThreadSharing of(final String value, final int cores) {
        return switch (value) {
            case "auto" -> cores <= SHARED_UP_TO_CORES ? SHARED : DEDICATED;
            case "shared" -> SHARED;
            case "dedicated" -> DEDICATED;
            default ->
                throw new IllegalArgumentException(
                        "cheshire.threads is '" + value + "'; it must be auto, shared or dedicated");
        };
    }
}

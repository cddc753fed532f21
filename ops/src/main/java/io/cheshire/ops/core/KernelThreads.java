package io.cheshire.ops.core;

/**
 * How many threads one kernel call gets, and why. A JVM counts the processors that a CPU limit, a cpuset or {@code
 * -XX:ActiveProcessorCount} leaves it; without any of them it counts those of the whole machine, which on a large one
 * are hardly all this process's: threads that wait for each other then wait for strangers, too. So of such a machine no
 * more than {@value #MOST_UNASKED} are taken unasked.
 *
 * @param count  at least 1
 * @param reason what decided, for people
 * @param isGuess nothing said how many processors are this process's, and there are many
 */
public record KernelThreads(int count, String reason, boolean isGuess) {
    /** The most where nothing says how many processors are this process's. */
    public static final int MOST_UNASKED = 32;

    /**
     * What the JVM and the system say.
     *
     * @param counted by the JVM
     * @param told    by {@code -XX:ActiveProcessorCount}; not positive: nothing
     * @param machine the machine's; 0: unknown
     */
    public record Processors(int counted, int told, int machine) {}

    /** @param asked by the setting; 0: not */
    public static KernelThreads of(final int asked, final Processors processors) {
        final int counted = processors.counted();
        if (asked > 0) {
            return new KernelThreads(asked, "as cheshire.device.threads says", false);
        }
        if (processors.told() > 0) {
            return new KernelThreads(counted, "as many as processors by -XX:ActiveProcessorCount", false);
        }
        if (counted < processors.machine()) {
            return new KernelThreads(
                    counted,
                    "as many as processors that this process may use (CPU limit or cpuset), of " + processors.machine()
                            + " of the machine",
                    false);
        }
        if (counted <= MOST_UNASKED) {
            return new KernelThreads(counted, "as many as processors of the machine", false);
        }
        return new KernelThreads(
                MOST_UNASKED,
                "the machine has " + counted + " processors, nothing says how many of them are this process's, and"
                        + " no more are taken unasked; set cheshire.device.threads, -XX:ActiveProcessorCount"
                        + " (CHESHIRE_JAVA_OPTS), or a CPU limit",
                true);
    }
}

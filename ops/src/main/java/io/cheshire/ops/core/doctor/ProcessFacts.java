package io.cheshire.ops.core.doctor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found of the JVM, and of what this process may use. */
public final class ProcessFacts {
    private ProcessFacts() {}

    /**
     * The JVM.
     *
     * @param feature      version of Java
     * @param name         for people
     * @param missing      options of {@code scripts/jvm.options} that it was started without and can't do without
     * @param slowed       whether it was started without those that keep row operations compiled by themselves
     * @param maxHeapBytes of its heap
     */
    public record Jvm(int feature, String name, List<String> missing, boolean slowed, long maxHeapBytes) {
        public Jvm {
            missing = List.copyOf(missing);
        }
    }

    /**
     * The kernels, opened.
     *
     * @param description what they say of themselves; null when they don't open
     * @param failure     why they don't; null when they do
     */
    public record Kernels(
            @Nullable String description, @Nullable String failure) {}

    /**
     * Cores of this process.
     *
     * @param available what the JVM counts
     * @param host      what the host has
     * @param quota     limit of the control group, in cores; 0: none
     * @param periods   periods that the limit was applied to since the group began
     * @param throttled in which it ran out
     * @param threads   configured threads of a kernel call
     */
    public record Cores(int available, int host, double quota, long periods, long throttled, int threads) {}

    /**
     * Limits of this process.
     *
     * @param openFiles   files and sockets, as far as it may raise the limit itself; -1: unknown
     * @param lockedBytes memory that it may lock; -1: unknown
     */
    public record Limits(long openFiles, long lockedBytes) {}

    /**
     * The directory for temporary files, where natives are unpacked.
     *
     * @param directory where
     * @param writable  for this user
     * @param freeBytes in it
     */
    public record Temporary(String directory, boolean writable, long freeBytes) {}
}

package io.cheshire.ops.core.doctor;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was found of the host. */
public final class HostFacts {
    private HostFacts() {}

    /**
     * The processor.
     *
     * @param architecture as the JVM names it
     * @param model        for people
     * @param features     instruction sets, as the kernel names them; empty: unknown
     */
    public record Cpu(String architecture, String model, Set<String> features) {
        public Cpu {
            features = Set.copyOf(features);
        }
    }

    /**
     * Memory, in bytes.
     *
     * @param host      that it has
     * @param available that is free, or would be if files left the page cache
     * @param limit     of the control group; 0: none
     * @param used      of that limit
     */
    public record Memory(long host, long available, long limit, long used) {
        /** What one may come to have. */
        long reach() {
            return limit == 0 ? host : Math.min(host, limit);
        }

        /** What is left now. */
        long free() {
            return limit == 0 ? available : Math.min(available, Math.max(0, limit - used));
        }
    }

    /**
     * How fast memory is read.
     *
     * @param bytesPerSecond of all threads together
     * @param threads        that read
     */
    public record Bandwidth(double bytesPerSecond, int threads) {}

    /**
     * Memory of several processors.
     *
     * @param nodes   of the host; 0: unknown
     * @param allowed those whose processors this process may use
     */
    public record Numa(int nodes, int allowed) {}

    /**
     * Where media drivers have their files.
     *
     * @param directory  the place
     * @param inMemory   whether it is a file system in memory
     * @param totalBytes its size
     * @param freeBytes  of it
     * @param left       directories in it whose processes have ended
     */
    public record DriverFiles(String directory, boolean inMemory, long totalBytes, long freeBytes, List<String> left) {
        public DriverFiles {
            left = List.copyOf(left);
        }
    }

    /**
     * How much a socket may buffer, in bytes; -1: unknown.
     *
     * @param receive most for receiving
     * @param send    most for sending
     */
    public record SocketBuffers(long receive, long send) {}

    /**
     * The clock.
     *
     * @param source       where the kernel takes time from; empty: unknown
     * @param readNs       what it takes to read it
     * @param synchronised with others; null: unknown
     */
    public record Clock(
            String source, double readNs, @Nullable Boolean synchronised) {}

    /** What a configuration does with a graphics processor. */
    public enum GpuUse {
        /** A node doesn't start without. */
        REQUIRED,
        WHERE_THERE_IS_ONE,
        NONE
    }

    /**
     * Graphics processors.
     *
     * @param unusable why the one that the configuration names can't be used; null when it can
     * @param chosen   UUID of that one; empty where it can't be used
     * @param devices  all that the driver has, each with memory, driver and health where it is known, for people
     * @param ailing   what isn't as it should be with the chosen one; empty: nothing is known
     * @param use      what the configuration does with it
     */
    public record Gpus(@Nullable String unusable, String chosen, List<String> devices, String ailing, GpuUse use) {
        public Gpus {
            devices = List.copyOf(devices);
        }
    }
}

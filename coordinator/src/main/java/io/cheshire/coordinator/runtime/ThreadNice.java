package io.cheshire.coordinator.runtime;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nice value of a thread, on Linux, where every thread has its own: 0 to 19, and the higher, the smaller its share
 * of a core for which others wait. See setpriority(2). Any process may raise it, few may lower it again.
 */
final class ThreadNice {
    static final int MAX = 19;

    private static final Logger LOG = LoggerFactory.getLogger(ThreadNice.class);
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    private ThreadNice() {}

    /**
     * Sets that of the calling thread; elsewhere than on Linux, where it would be the whole process's, does nothing.
     */
    static void set(final int nice) {
        if (LINUX && Calls.setPriority(PRIO_PROCESS, CALLING_THREAD, nice) != 0) {
            LOG.warn("the kernel refuses nice {} (cheshire.cluster.nice) for {}", nice, Thread.currentThread());
        }
    }

    /** Bound when first needed. */
    private static final class Calls {
        private static final MethodHandle SETPRIORITY = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("setpriority"),
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

        static int setPriority(final int which, final int who, final int nice) {
            try {
                return (int) SETPRIORITY.invokeExact(which, who, nice);
            } catch (final Throwable cause) {
                throw new IllegalStateException("setpriority can't be called", cause);
            }
        }
    }
}

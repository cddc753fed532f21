package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ForkJoinExecutorConfigurator;
import org.apache.pekko.dispatch.MonitorableThreadFactory;

/**
 * Pekko's fork-join pool, whose threads have a nice value ({@link ThreadNice}): where many processes share few cores,
 * what the members of a cluster tell each other then takes less from those who compute tokens. Pekko makes one for each
 * dispatcher whose {@code executor} names this class; the dispatcher's {@code nice} is the value, and 0 is Pekko's pool
 * as it is.
 */
public final class NicePool extends ExecutorServiceConfigurator {
    private final ForkJoinExecutorConfigurator pool;
    private final int nice;

    /** Called by Pekko. */
    public NicePool(final Config dispatcher, final DispatcherPrerequisites prerequisites) {
        super(dispatcher, prerequisites);
        this.pool = new ForkJoinExecutorConfigurator(dispatcher.getConfig("fork-join-executor"), prerequisites);
        this.nice = dispatcher.getInt("nice");
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(final String id, final ThreadFactory threads) {
        return pool.createExecutorServiceFactory(
                id,
                nice != 0 && threads instanceof MonitorableThreadFactory named
                        ? new NiceThreads(named.withName(named.name() + "-" + id), nice)
                        : threads);
    }

    private record NiceThreads(MonitorableThreadFactory named, int nice)
            implements ThreadFactory, ForkJoinPool.ForkJoinWorkerThreadFactory {
        @Override
        public Thread newThread(final Runnable task) {
            return named.newThread(() -> {
                ThreadNice.set(nice);
                task.run();
            });
        }

        @Override
        public ForkJoinWorkerThread newThread(final ForkJoinPool pool) {
            return named.wire(new NiceWorker(pool, nice));
        }
    }

    private static final class NiceWorker extends MonitorableThreadFactory.PekkoForkJoinWorkerThread {
        private final int nice;

        NiceWorker(final ForkJoinPool pool, final int nice) {
            super(pool);
            this.nice = nice;
        }

        @Override
        protected void onStart() {
            super.onStart();
            ThreadNice.set(nice);
        }
    }
}

package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Does the same to many things, each on one core, as many at a time as there are cores. */
final class SideBySide {
    private SideBySide() {}

    /** The results, in the order of the items. */
    static <T, R> Map<T, R> over(final List<T> all, final Function<T, R> work) {
        final int threads =
                Math.max(1, Math.min(all.size(), Runtime.getRuntime().availableProcessors()));
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            final Map<T, Future<R>> pending = new LinkedHashMap<>();
            all.forEach(one -> pending.put(one, workers.submit(() -> work.apply(one))));
            final Map<T, R> done = new LinkedHashMap<>();
            for (final Map.Entry<T, Future<R>> one : pending.entrySet()) {
                done.put(one.getKey(), one.getValue().get());
            }
            return done;
        } catch (final ExecutionException failed) {
            switch (failed.getCause()) {
                case final RuntimeException cause -> throw cause;
                case final Error cause -> throw cause; // a page that its file doesn't have any more, for one
                case null, default ->
                    throw new ModelException("weights cannot be read: " + failed.getMessage(), failed);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("reading weights was interrupted", e);
        }
    }
}

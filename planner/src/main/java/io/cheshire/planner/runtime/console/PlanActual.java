package io.cheshire.planner.runtime.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.report.AccuracyTables;
import io.cheshire.planner.core.watch.ActualJson;
import io.cheshire.planner.core.watch.Look;
import io.cheshire.planner.core.watch.PlanWatch;
import io.cheshire.planner.core.watch.Scraped;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.runtime.watch.PlanFigures;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at this router's own figures every few seconds, keeps what it saw for a while, and adds {@code cheshire_plan_*}
 * to them. A thread of its own looks; the methods are safe from any.
 */
final class PlanActual implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PlanActual.class);

    /** A quarter of an hour of a look every 5 s, and some more. */
    private static final int MOST_LOOKS = 240;

    private final String file;
    private final PlanWatch watch;
    private final Duration every;
    private final PrometheusMeterRegistry registry;
    private final PlanFigures figures = new PlanFigures();
    private final Deque<ActualJson.Moment> kept = new ArrayDeque<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("plan-watch").factory());

    private PlanActual(
            final String file, final PlanWatch watch, final Duration every, final PrometheusMeterRegistry registry) {
        this.file = file;
        this.watch = watch;
        this.every = every;
        this.registry = registry;
    }

    static PlanActual start(
            final String file, final PlanWatch watch, final Duration every, final PrometheusMeterRegistry registry) {
        final PlanActual actual = new PlanActual(file, watch, every, registry);
        registry.getPrometheusRegistry().register(actual.figures);
        var _ = actual.thread.scheduleWithFixedDelay(actual::look, 0, every.toMillis(), TimeUnit.MILLISECONDS);
        return actual;
    }

    private void look() {
        try {
            final Look look = watch.look(Scraped.parse(System.nanoTime(), registry.scrape()));
            figures.show(look);
            synchronized (kept) {
                if (kept.size() == MOST_LOOKS) {
                    kept.removeFirst();
                }
                kept.addLast(new ActualJson.Moment(System.currentTimeMillis(), look));
            }
        } catch (final RuntimeException failure) {
            figures.showNothing();
            LOG.error("the plan's watch failed", failure);
        }
    }

    ObjectNode shown() {
        final ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("inForce", true).put("everySeconds", every.toMillis() / 1e3);
        final CapacityPlan plan = watch.plan();
        root.putObject("compared")
                .put("plan", file)
                .put("model", plan.model().name())
                .put("load", plan.load().source())
                .put("nodes", AccuracyTables.title(plan.nodeClass()))
                .put("routers", AccuracyTables.title(plan.routerClass()))
                .put("assumed", plan.isAssumed());
        synchronized (kept) {
            if (!kept.isEmpty()) {
                ActualJson.addTo(root, watch, kept);
            }
        }
        final ArrayNode assumed = root.putArray("assumed");
        watch.plan().assumptions().forEach(assumed::add);
        return root;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        registry.getPrometheusRegistry().unregister(figures);
    }
}

package io.cheshire.http.runtime.console;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The router that a desk plans for.
 *
 * @param model    directory of what it serves
 * @param plan     file of the plan that its cluster is to be held against, or null
 * @param every    between two looks
 * @param window   of time that is judged
 * @param registry its figures, which are looked at, and to which the plan's are added
 */
public record PlanDeskSite(
        Path model, @Nullable Path plan, Duration every, Duration window, PrometheusMeterRegistry registry) {}

package io.cheshire.router.core.exchange;

/**
 * How the exchange treats nodes that refuse, are late, or are slow.
 *
 * @param retry what was refused
 * @param hedge what is late
 * @param gray  nodes that are slow
 */
public record FailoverPolicy(RetryPolicy retry, HedgePolicy hedge, GrayPolicy gray) {}

package io.cheshire.coordinator.core;

/**
 * Why somebody may not join.
 *
 * @param reason names the value, what it ought to be, and the remedy
 * @param retry  whether asking later can help
 */
record Refusal(String reason, boolean retry) {}

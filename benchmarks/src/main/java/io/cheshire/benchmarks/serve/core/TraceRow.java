package io.cheshire.benchmarks.serve.core;

/**
 * One line of an arrival trace.
 *
 * @param arrivalNs from the first line's time
 * @param shape     lengths as recorded
 */
public record TraceRow(long arrivalNs, RequestShape shape) {}

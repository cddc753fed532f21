package io.cheshire.ops.runtime.process;

/**
 * How a GPU's health is looked at.
 *
 * @param library    NVIDIA's management library, by a name that the system's loader knows or by its path; empty: not
 * @param intervalNs from one look to the next
 */
public record GpuHealthConfig(String library, long intervalNs) {}

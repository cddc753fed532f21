package io.cheshire.planner.protocol.plan;

import io.cheshire.model.protocol.calibration.Calibration;

/**
 * A kind of machine.
 *
 * @param name        as the plan calls it
 * @param memoryBytes for weights, or for a router's weights and KV cache
 * @param calibration how long things take there
 */
public record DeviceClass(String name, long memoryBytes, Calibration calibration) {}

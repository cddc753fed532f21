/**
 * Deterministic simulation of a whole cluster: production code in one thread, under virtual time, among seeded faults.
 */
@NullMarked
package io.cheshire.chaos.sim;

import org.jspecify.annotations.NullMarked;

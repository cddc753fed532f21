/** One event a router step: the product's scheduler, with durations from a table that the exact fidelity fills. */
@NullMarked
package io.cheshire.planner.core.step;

import org.jspecify.annotations.NullMarked;

/** Virtual time, processes and their clocks, the trace, and what was found wrong. */
@NullMarked
package io.cheshire.chaos.sim.world;

import org.jspecify.annotations.NullMarked;

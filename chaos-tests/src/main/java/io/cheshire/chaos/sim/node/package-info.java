/** Expert nodes: the production node behind a simulated connection. */
@NullMarked
package io.cheshire.chaos.sim.node;

import org.jspecify.annotations.NullMarked;

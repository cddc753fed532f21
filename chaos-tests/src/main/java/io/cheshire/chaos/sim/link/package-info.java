/**
 * The production's links on the simulated network: their wire, what it must see, and the bugs that are planted
 * between.
 */
@NullMarked
package io.cheshire.chaos.sim.link;

import org.jspecify.annotations.NullMarked;

/** The command line of the simulation. */
@NullMarked
package io.cheshire.chaos.sim.cli;

import org.jspecify.annotations.NullMarked;

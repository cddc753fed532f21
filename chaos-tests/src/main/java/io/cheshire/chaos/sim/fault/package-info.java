/** What goes wrong, when, and for how long. */
@NullMarked
package io.cheshire.chaos.sim.fault;

import org.jspecify.annotations.NullMarked;

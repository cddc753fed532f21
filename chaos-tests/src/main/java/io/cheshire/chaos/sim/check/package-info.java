/** What must always hold, and what was covered. */
@NullMarked
package io.cheshire.chaos.sim.check;

import org.jspecify.annotations.NullMarked;

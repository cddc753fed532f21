/** How long things take, as fitted to a calibration: with an interval, and in or out of the range that was measured. */
@NullMarked
package io.cheshire.planner.core.cost;

import org.jspecify.annotations.NullMarked;

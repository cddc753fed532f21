/** Files of a plan: HOCON, traces, models, calibrations. */
@NullMarked
package io.cheshire.planner.runtime.plan;

import org.jspecify.annotations.NullMarked;

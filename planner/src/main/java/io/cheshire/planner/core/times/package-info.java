/** Durations of a calibration, ready for simulations that ask for millions of them. */
@NullMarked
package io.cheshire.planner.core.times;

import org.jspecify.annotations.NullMarked;

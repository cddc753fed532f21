/** The product's own code under virtual time, on hardware that is as fast as a calibration says. */
@NullMarked
package io.cheshire.planner.runtime.exact;

import org.jspecify.annotations.NullMarked;

/** From measured times to fits. */
@NullMarked
package io.cheshire.planner.core.calibrate;

import org.jspecify.annotations.NullMarked;

/** Files of calibrations. */
@NullMarked
package io.cheshire.model.runtime.calibration;

import org.jspecify.annotations.NullMarked;

/** What a calibration may be used for. */
@NullMarked
package io.cheshire.model.core.calibration;

import org.jspecify.annotations.NullMarked;

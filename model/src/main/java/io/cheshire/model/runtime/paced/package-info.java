/** Kernels that take as long as a calibration says and compute nothing. */
@NullMarked
package io.cheshire.model.runtime.paced;

import org.jspecify.annotations.NullMarked;

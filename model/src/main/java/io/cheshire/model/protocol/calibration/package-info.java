/** What a calibration says of a machine, and its file. */
@NullMarked
package io.cheshire.model.protocol.calibration;

import org.jspecify.annotations.NullMarked;

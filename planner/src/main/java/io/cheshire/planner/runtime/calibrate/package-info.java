/** What is run to measure a machine. */
@NullMarked
package io.cheshire.planner.runtime.calibrate;

import org.jspecify.annotations.NullMarked;

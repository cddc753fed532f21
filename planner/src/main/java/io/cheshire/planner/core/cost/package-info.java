/** What steps cost on a class of machine: curves of a calibration, or of a data sheet where none was measured. */
@NullMarked
package io.cheshire.planner.core.cost;

import org.jspecify.annotations.NullMarked;

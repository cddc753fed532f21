/** Decides about an experiment: reads the file, chooses who is hit, judges figures, draws the report. Pure. */
@NullMarked
package io.cheshire.chaos.experiment.core;

import org.jspecify.annotations.NullMarked;

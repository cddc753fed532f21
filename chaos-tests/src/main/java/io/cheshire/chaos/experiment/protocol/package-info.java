/** What an experiment file says, as records: docs/experiments.md holds the same as a table. */
@NullMarked
package io.cheshire.chaos.experiment.protocol;

import org.jspecify.annotations.NullMarked;

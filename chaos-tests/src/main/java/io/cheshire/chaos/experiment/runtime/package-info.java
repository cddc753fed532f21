/** Runs experiments: on processes of this host, on a running cluster, or under virtual time. */
@NullMarked
package io.cheshire.chaos.experiment.runtime;

import org.jspecify.annotations.NullMarked;

/** Actors that carry out the placement decisions, and the cluster they live in. */
@NullMarked
package io.cheshire.coordinator.runtime;

import org.jspecify.annotations.NullMarked;

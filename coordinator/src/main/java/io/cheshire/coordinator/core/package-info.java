/** Placement decisions, pure. */
@NullMarked
package io.cheshire.coordinator.core;

import org.jspecify.annotations.NullMarked;

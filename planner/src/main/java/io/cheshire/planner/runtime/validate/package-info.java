/** Predictions held against real clusters, paced or not, and the page of all comparisons. */
@NullMarked
package io.cheshire.planner.runtime.validate;

import org.jspecify.annotations.NullMarked;

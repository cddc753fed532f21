/** {@code cheshire plan}. */
@NullMarked
package io.cheshire.planner.runtime.cli;

import org.jspecify.annotations.NullMarked;

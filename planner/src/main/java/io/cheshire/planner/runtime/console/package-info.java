/** The planner behind the console's pages Planner and Plan against actual. */
@NullMarked
package io.cheshire.planner.runtime.console;

import org.jspecify.annotations.NullMarked;

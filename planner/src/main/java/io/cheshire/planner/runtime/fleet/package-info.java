/** Many cells on all cores. */
@NullMarked
package io.cheshire.planner.runtime.fleet;

import org.jspecify.annotations.NullMarked;

/** Looks at a running cluster and says what it sees. */
@NullMarked
package io.cheshire.planner.runtime.watch;

import org.jspecify.annotations.NullMarked;

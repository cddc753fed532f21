/** What of a plan still holds, by a running cluster's own figures. */
@NullMarked
package io.cheshire.planner.core.watch;

import org.jspecify.annotations.NullMarked;

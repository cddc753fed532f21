/** What requests ask for: lengths, arrivals and which experts their tokens choose. */
@NullMarked
package io.cheshire.planner.core.workload;

import org.jspecify.annotations.NullMarked;

/** How often units are without a node, exactly from the placement, and what each failure costs. */
@NullMarked
package io.cheshire.planner.core.failure;

import org.jspecify.annotations.NullMarked;

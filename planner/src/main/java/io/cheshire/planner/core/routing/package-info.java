/** Which experts the rows of a simulated step go to. */
@NullMarked
package io.cheshire.planner.core.routing;

import org.jspecify.annotations.NullMarked;

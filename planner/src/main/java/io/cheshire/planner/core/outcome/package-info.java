/** What a simulated cluster did, in the same figures whatever simulated it. */
@NullMarked
package io.cheshire.planner.core.outcome;

import org.jspecify.annotations.NullMarked;

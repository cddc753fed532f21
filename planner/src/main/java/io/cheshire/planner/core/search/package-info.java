/** Which of many fleets is the cheapest that keeps the objectives, and which assumption moves the answer. */
@NullMarked
package io.cheshire.planner.core.search;

import org.jspecify.annotations.NullMarked;

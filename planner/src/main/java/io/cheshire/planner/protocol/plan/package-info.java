/** What a plan says: model, load, objectives, fleet, failures, costs. Read and checked, free of contradictions. */
@NullMarked
package io.cheshire.planner.protocol.plan;

import org.jspecify.annotations.NullMarked;

/** What was measured, simulated again with the same requests, and held against each other pair by pair. */
@NullMarked
package io.cheshire.planner.runtime.replay;

import org.jspecify.annotations.NullMarked;

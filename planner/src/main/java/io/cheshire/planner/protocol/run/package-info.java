/** What is simulated: a cluster, what users ask of it, and what strikes. */
@NullMarked
package io.cheshire.planner.protocol.run;

import org.jspecify.annotations.NullMarked;

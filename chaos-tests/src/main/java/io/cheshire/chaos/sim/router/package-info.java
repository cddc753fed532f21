/** Routers: the production engine behind a simulated connection, and their clients. */
@NullMarked
package io.cheshire.chaos.sim.router;

import org.jspecify.annotations.NullMarked;

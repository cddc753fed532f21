/** What the processes of a run compute on, and how long that takes. */
@NullMarked
package io.cheshire.chaos.sim.hardware;

import org.jspecify.annotations.NullMarked;

/** The duty cycle that runs lanes: device jobs, transport, scheduler and sampler put to work. */
@NullMarked
package io.cheshire.router.runtime.engine;

import org.jspecify.annotations.NullMarked;

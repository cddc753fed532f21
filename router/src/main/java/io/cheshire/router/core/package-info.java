/** Scheduler, KV blocks, exchange and sampler decisions, pure. */
@NullMarked
package io.cheshire.router.core;

import org.jspecify.annotations.NullMarked;

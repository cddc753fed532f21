/** The device executor: one thread that runs all compute of one memory space. */
@NullMarked
package io.cheshire.model.runtime.device;

import org.jspecify.annotations.NullMarked;

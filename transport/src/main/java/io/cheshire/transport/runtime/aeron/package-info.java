/** The network beneath links as Aeron makes it. */
@NullMarked
package io.cheshire.transport.runtime.aeron;

import org.jspecify.annotations.NullMarked;

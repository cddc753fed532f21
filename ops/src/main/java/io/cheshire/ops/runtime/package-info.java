/** What the commands share: settings, logging, shutdown. */
@NullMarked
package io.cheshire.ops.runtime;

import org.jspecify.annotations.NullMarked;

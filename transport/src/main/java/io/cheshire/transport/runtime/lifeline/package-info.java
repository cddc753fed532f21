/** Connections that live as long as a node's process, so that the kernel says when it ends: both ends of them. */
@NullMarked
package io.cheshire.transport.runtime.lifeline;

import org.jspecify.annotations.NullMarked;

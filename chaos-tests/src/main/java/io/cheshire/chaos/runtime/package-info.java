/** The harness of whole-system tests: real servers, real clients, and watchers of what must not happen. */
@NullMarked
package io.cheshire.chaos.runtime;

import org.jspecify.annotations.NullMarked;

/** What to run with which settings: pure plans for processes and servers. */
@NullMarked
package io.cheshire.ops.core;

import org.jspecify.annotations.NullMarked;

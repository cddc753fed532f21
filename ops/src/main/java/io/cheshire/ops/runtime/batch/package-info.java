/** {@code cheshire batch}: a file of requests, sent to a server line by line. */
@NullMarked
package io.cheshire.ops.runtime.batch;

import org.jspecify.annotations.NullMarked;

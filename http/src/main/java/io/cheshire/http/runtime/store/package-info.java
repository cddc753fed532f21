/** What the API keeps for its users between requests: responses, files and batches, in memory or in one file. */
@NullMarked
package io.cheshire.http.runtime.store;

import org.jspecify.annotations.NullMarked;

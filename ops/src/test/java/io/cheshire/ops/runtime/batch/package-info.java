/** Files of requests against a scripted server. */
package io.cheshire.ops.runtime.batch;

/** What is kept, without an edge. */
package io.cheshire.http.runtime.store;

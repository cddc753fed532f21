/** Pure parts of the API. */
package io.cheshire.http.core;

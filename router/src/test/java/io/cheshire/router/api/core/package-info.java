/** Pure parts of the API. */
package io.cheshire.router.api.core;

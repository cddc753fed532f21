@org.jspecify.annotations.NullUnmarked
package io.cheshire.router.core.grammar;

/** What failures cost while they are noticed and repaired, as played. */
@NullMarked
package io.cheshire.planner.protocol.episodes;

import org.jspecify.annotations.NullMarked;

/** Decisions of an expert node, pure: which shard to take, to batch, to refuse. */
@NullMarked
package io.cheshire.expertnode.core;

import org.jspecify.annotations.NullMarked;

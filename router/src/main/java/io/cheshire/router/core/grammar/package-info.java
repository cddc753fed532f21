/**
 * Which tokens may come next when an answer must match a schema, a pattern or a choice: expressions over bytes, their
 * derivatives, and the walk of the vocabulary's trie. A mask is a function of the grammar and the tokens so far alone.
 */
@NullMarked
package io.cheshire.router.core.grammar;

import org.jspecify.annotations.NullMarked;

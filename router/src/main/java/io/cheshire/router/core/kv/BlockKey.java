package io.cheshire.router.core.kv;

/**
 * Names the contents of a full KV block: SHA-256 over model, RoPE table, scope and every token from the sequence's
 * start to the block's end. Equal keys mean equal contents; a collision is out of reach even for someone who looks for
 * one.
 */
public record BlockKey(long a, long b, long c, long d) {}

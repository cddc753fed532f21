package io.cheshire.http.runtime.store;

/** How many parts a file has, and their bytes. */
public record PartSum(int count, long bytes) {}

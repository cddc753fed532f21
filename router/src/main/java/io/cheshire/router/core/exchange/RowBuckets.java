package io.cheshire.router.core.exchange;

/**
 * Sorts shards by size, a factor of four a bucket, so that large shards don't make their node look slow: 1-2, 3-8,
 * 9-32, 33-128, 129-512 rows, and more.
 */
final class RowBuckets {
    static final int COUNT = 6;

    private RowBuckets() {}

    static int of(final int rowCount) {
        final int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(rowCount, 1) - 1);
        return Math.min(bits / 2, COUNT - 1);
    }
}

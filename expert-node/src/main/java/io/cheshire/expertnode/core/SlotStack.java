package io.cheshire.expertnode.core;

import java.util.Arrays;

/**
 * Numbers of the row store's places. The last one freed is taken first, so that few rows touch little memory. Grows
 * with use; credits bound how far.
 */
final class SlotStack {
    private int[] free = new int[64];
    private int freeCount;
    private int createdCount;

    int take() {
        return freeCount == 0 ? createdCount++ : free[--freeCount];
    }

    void put(final int slot) {
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = slot;
    }

    int inUse() {
        return createdCount - freeCount;
    }
}

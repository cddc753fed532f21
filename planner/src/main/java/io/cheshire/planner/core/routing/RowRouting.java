package io.cheshire.planner.core.routing;

import java.util.SplittableRandom;

/** Which two experts the rows of a step choose in each layer. Immutable; what a step remembers is in its block. */
public interface RowRouting {
    int layers();

    /** Of a layer. */
    int experts();

    /** Nobody recorded it. */
    boolean assumed();

    /** Where it comes from, for people. */
    String source();

    /** What the layers of one step have in common: where in the recording it begins. */
    int block(SplittableRandom random);

    /** Fills two different experts for each of so many rows of a layer: those of row i at 2i and 2i + 1. */
    void draw(int block, int layer, int rows, int[] experts, SplittableRandom random);
}

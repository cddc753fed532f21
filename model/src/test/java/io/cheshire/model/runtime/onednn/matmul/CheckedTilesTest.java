package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No tile runs whose rows have other bits than the smallest tile's. */
class CheckedTilesTest {
    /** As wide as an expert of Phi-3.5-MoE; its inputs don't matter to a matmul that only pretends. */
    private static final MatmulShape WIDE = new MatmulShape(16, 12_800, Dtype.F32, false);

    private static final MatmulShape SMALL = new MatmulShape(16, 40, Dtype.F32, false);
    private static final int MOST_ROWS = 512;

    /** A row's first input decides all of its results; in some tiles the last bit is another. */
    private static final class FakeMatmul implements TileMatmul {
        private final MatmulShape shape;
        private final IntPredicate differs;
        private final TreeSet<Integer> met = new TreeSet<>();

        FakeMatmul(final MatmulShape shape, final IntPredicate differs) {
            this.shape = shape;
            this.differs = differs;
        }

        @Override
        public void run(final int tile, final long src, final long dst) {
            met.add(tile);
            final MemorySegment in = at(src, (long) tile * shape.k());
            final MemorySegment out = at(dst, (long) tile * shape.n());
            for (int row = 0; row < tile; row++) {
                final float value = in.getAtIndex(JAVA_FLOAT, (long) row * shape.k());
                final float result = differs.test(tile) && row == tile - 1 ? Math.nextUp(value) : value;
                out.asSlice((long) row * shape.n() * Float.BYTES, (long) shape.n() * Float.BYTES)
                        .fill((byte) 0);
                out.setAtIndex(JAVA_FLOAT, (long) row * shape.n() + shape.n() - 1, result);
            }
        }

        private static MemorySegment at(final long address, final long floats) {
            return MemorySegment.ofAddress(address).reinterpret(floats * Float.BYTES);
        }
    }

    @Test
    void shouldCompareTheSmallestTileWithTheLargestAtTheShapeThatRuns() {
        final FakeMatmul matmul = new FakeMatmul(WIDE, tile -> tile == 512);

        assertThat(comparedBefore(WIDE, matmul))
                .as("the counts that once were checked")
                .isTrue();
        assertThat(matmul.met).doesNotContain(4, 512);

        final CheckedTiles tiles = CheckedTiles.choose(WIDE, Dtype.F32, matmul, RowTiles.FREE, MOST_ROWS);
        assertThat(tiles.kind()).isEqualTo(RowTiles.FIXED_16);
        assertThat(matmul.met).contains(4, 512);
    }

    @Test
    void shouldFallBackWhenTheSmallestTileDiffersFromAllOthers() {
        final FakeMatmul matmul = new FakeMatmul(WIDE, tile -> tile == 4);

        assertThat(comparedBefore(WIDE, matmul)).isTrue();
        assertThat(CheckedTiles.choose(WIDE, Dtype.F32, matmul, RowTiles.FREE, MOST_ROWS)
                        .kind())
                .isEqualTo(RowTiles.FIXED_16);
    }

    /** Whichever tile differs: found at the start, or at its first use. */
    @ParameterizedTest
    @ValueSource(ints = {5, 17, 32, 36, 100, 128, 144, 272, 496, 512})
    void shouldNeverRunATileThatDiffers(final int sick) {
        for (final MatmulShape shape : new MatmulShape[] {WIDE, SMALL}) {
            final FakeMatmul matmul = new FakeMatmul(shape, tile -> tile == sick);
            final CheckedTiles tiles = CheckedTiles.choose(shape, Dtype.F32, matmul, RowTiles.FREE, MOST_ROWS);
            for (final int rows : new int[] {sick, sick - 1, sick + 1, 600}) {
                final int tile = tiles.tile(rows, matmul);
                assertThat(tile).as("%d rows", rows).isNotEqualTo(sick).isPositive();
                assertThat(matmul.met).contains(tile);
                assertThat(tiles.tile(rows, (t, s, d) -> {
                            throw new AssertionError("compared again");
                        }))
                        .isEqualTo(tile);
            }
        }
    }

    @Test
    void shouldRunRowByRowWhereEvenThePlaceInATileMatters() {
        final FakeMatmul matmul = new FakeMatmul(SMALL, tile -> tile > 1);

        final CheckedTiles tiles = CheckedTiles.choose(SMALL, Dtype.F32, matmul, RowTiles.FREE, MOST_ROWS);
        assertThat(tiles.kind()).isEqualTo(RowTiles.FIXED_1);
        assertThat(tiles.tile(7, matmul)).isEqualTo(1);
    }

    @Test
    void shouldNotCompareTilesThatNeverRun() {
        final FakeMatmul matmul = new FakeMatmul(SMALL, tile -> false);

        CheckedTiles.choose(SMALL, Dtype.F32, matmul, RowTiles.FREE, 32);
        assertThat(matmul.met).contains(4, 32).allMatch(tile -> tile <= 32);
    }

    @Test
    void shouldKnowEverySizeThatRowsCanBePaddedTo() {
        for (final RowTiles tiles : RowTiles.values()) {
            for (final int most : new int[] {1, 4, 31, 33, 129, 512, 5000}) {
                final TreeSet<Integer> expected = new TreeSet<>();
                for (int rows = 1; rows <= Math.min(most, tiles.largest()); rows++) {
                    expected.add(tiles.tile(rows));
                }
                assertThat(Arrays.stream(tiles.sizes(most)).boxed())
                        .as("%s up to %d", tiles, most)
                        .containsExactlyElementsOf(expected.descendingSet());
            }
        }
    }

    /** What was once compared at this width: blocks of 2, 3, 5 and 8 rows with one of 16. */
    private static boolean comparedBefore(final MatmulShape shape, final FakeMatmul matmul) {
        final long inBytes = (long) shape.k() * Float.BYTES;
        final long outBytes = (long) shape.n() * Float.BYTES;
        try (NativeBuffer src = NativeBuffer.allocate(16 * inBytes);
                NativeBuffer expected = NativeBuffer.allocate(16 * outBytes);
                NativeBuffer actual = NativeBuffer.allocate(16 * outBytes)) {
            for (int i = 0; i < 16 * shape.k(); i++) {
                src.segment().setAtIndex(JAVA_FLOAT, i, i * 0.37f);
            }
            matmul.run(16, src.address(), expected.address());
            for (final int rows : new int[] {2, 3, 5, 8}) {
                final int first = 16 - rows;
                matmul.run(rows, src.address() + first * inBytes, actual.address());
                if (MemorySegment.mismatch(
                                actual.segment(),
                                0,
                                rows * outBytes,
                                expected.segment(),
                                first * outBytes,
                                16 * outBytes)
                        >= 0) {
                    return false;
                }
            }
            return true;
        }
    }
}

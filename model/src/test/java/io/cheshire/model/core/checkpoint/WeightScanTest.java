package io.cheshire.model.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** The oracle decides element by element with Java's own float arithmetic. */
class WeightScanTest {
    @Property
    void shouldJudgeTwoByteFormatsAsElementByElement(@ForAll @Size(max = 40) final short[] elements) {
        check(Dtype.BF16, elements, bits -> Float.intBitsToFloat(bits << 16), Float.MIN_NORMAL);
        check(Dtype.F16, elements, bits -> Float.float16ToFloat((short) (int) bits), 0x1p-14f);
    }

    @Property
    void shouldJudgeEveryBitPatternAnywhere(@ForAll final short bits, @ForAll final byte place) {
        final short[] elements = new short[7];
        elements[Math.floorMod(place, 7)] = bits;
        check(Dtype.BF16, elements, b -> Float.intBitsToFloat(b << 16), Float.MIN_NORMAL);
        check(Dtype.F16, elements, b -> Float.float16ToFloat((short) (int) b), 0x1p-14f);
    }

    @Property
    void shouldJudgeFloatsAsElementByElement(@ForAll @Size(max = 20) final int[] bits) {
        boolean nonFinite = false;
        boolean subnormal = false;
        boolean allZero = true;
        for (final int one : bits) {
            final float value = Float.intBitsToFloat(one);
            nonFinite |= !Float.isFinite(value);
            subnormal |= value != 0 && Math.abs(value) < Float.MIN_NORMAL;
            allZero &= value == 0;
        }
        final TensorView tensor =
                new TensorView("x", Dtype.F32, List.of((long) bits.length), MemorySegment.ofArray(bits));
        assertThat(WeightScan.of(tensor)).isEqualTo(new WeightScan(nonFinite, subnormal, allZero));
    }

    private static void check(
            final Dtype dtype, final short[] elements, final Function<Integer, Float> decode, final float minNormal) {
        boolean nonFinite = false;
        boolean subnormal = false;
        boolean allZero = true;
        for (final short element : elements) {
            final float value = decode.apply((int) element);
            nonFinite |= !Float.isFinite(value);
            subnormal |= value != 0 && Math.abs(value) < minNormal;
            allZero &= value == 0;
        }
        final TensorView tensor =
                new TensorView("x", dtype, List.of((long) elements.length), MemorySegment.ofArray(elements));
        assertThat(WeightScan.of(tensor)).as("%s", dtype).isEqualTo(new WeightScan(nonFinite, subnormal, allZero));
    }
}

package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.kernel.RouterWeights;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import java.util.stream.Stream;

/**
 * Gives the memory of file pages back that were read to pack weights. Otherwise a process that has packed a model would
 * hold it twice. The views stay valid: what is read again comes from the file again.
 */
public final class MappedPages {
    private MappedPages() {}

    /** For a unit whose kernel has copied it. */
    public static void drop(final UnitWeights unit) {
        drop(Stream.of(unit.w1(), unit.w2(), unit.w3()));
    }

    /** For a router whose kernel has copied it. */
    public static void drop(final RouterWeights router) {
        drop(router.tensors());
        router.layers().forEach(layer -> drop(layer.tensors()));
    }

    private static void drop(final Stream<TensorView> tensors) {
        tensors.forEach(tensor -> {
            if (tensor.data().isMapped()) {
                tensor.data().unload();
            }
        });
    }
}

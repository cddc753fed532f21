package io.cheshire.planner.core.step;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import java.util.List;

/** The product's scheduler wants a table for each sequence, of which nothing is read where nothing is computed. */
final class StepRope {
    private static final int POSITIONS = 16;

    static final RopeTable ANY = new RopeTables(
                    new ModelConfig(
                            "phimoe",
                            2,
                            4,
                            4,
                            1,
                            1,
                            1,
                            2,
                            2,
                            2,
                            1e-5,
                            0.01,
                            true,
                            true,
                            10_000,
                            null,
                            POSITIONS,
                            null,
                            false,
                            GateKind.SPARSE_MIXER,
                            -1,
                            List.of(),
                            null),
                    POSITIONS)
            .forSequence(1);

    private StepRope() {}
}

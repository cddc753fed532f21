package io.cheshire.router.core.speculate;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;

/**
 * What a step costs, in bytes of weights that it reads: all of the router's, and of each layer the units that its rows
 * choose. Decode is bound by these bytes; beside them each row costs {@link #ROW_SHARE} of a step with one row.
 * Measured with model A (docs/performance.md): 512 rows in sixteen times the time of one, 16 rows in four times, where
 * this says 33 and 5.5.
 *
 * @param routerBytes read whatever the rows
 * @param unitBytes   of one expert in all layers
 * @param experts     of a layer
 * @param choices     of them that a row chooses
 */
public record StepCost(double routerBytes, double unitBytes, int experts, int choices) {
    /** What a row costs by itself, as a share of a step of one row. */
    static final double ROW_SHARE = 1.0 / 16;

    /** @param routerWeightBytes the router's weights, embedding included */
    public static StepCost of(final ModelConfig model, final Precision precision, final long routerWeightBytes) {
        final double embedding = (double) model.vocabSize()
                * model.hiddenSize()
                * precision.rowDtype().bytes();
        return new StepCost(
                Math.max(0, routerWeightBytes - embedding),
                (double) precision.unitBytes(model) * model.layerCount(),
                model.expertCount(),
                model.expertsPerToken());
    }

    /** Experts of a layer that so many rows choose together, if each chooses without regard to the others. */
    public double chosen(final int rows) {
        return experts * (1 - StrictMath.pow(1 - (double) choices / experts, rows));
    }

    /** Experts of a layer that a row adds to those of {@code rows} others. */
    public double added(final int rows) {
        return choices * StrictMath.pow(1 - (double) choices / experts, rows);
    }

    /** What a row costs beside the units that it adds. */
    public double rowBytes() {
        return ROW_SHARE * (routerBytes + choices * unitBytes);
    }

    /** What a step of so many rows costs. */
    public double step(final int rows) {
        return routerBytes + chosen(rows) * unitBytes + rows * rowBytes();
    }
}

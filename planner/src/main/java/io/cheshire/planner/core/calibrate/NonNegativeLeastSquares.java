package io.cheshire.planner.core.calibrate;

import java.util.Arrays;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.DecompositionSolver;
import org.hipparchus.linear.QRDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * Least squares whose coefficients aren't negative, since no part of a time is. With few coefficients every choice of
 * those that are zero can be tried, so the best is exact.
 */
final class NonNegativeLeastSquares {
    private static final double SINGULAR = 1e-10;

    private NonNegativeLeastSquares() {}

    /**
     * Solves {@code rows x coefficients = 1}, each row being one measurement over what was measured: relative errors
     * count, so that short times weigh as much as long ones.
     *
     * @param rows at least one, all of the same length, at most a few columns
     */
    static double[] solve(final double[][] rows) {
        final int columns = rows[0].length;
        double[] best = new double[columns];
        double least = Double.POSITIVE_INFINITY;
        for (int chosen = 1; chosen < 1 << columns; chosen++) {
            final double[] tried = solve(rows, chosen);
            final double error = tried.length == 0 ? Double.POSITIVE_INFINITY : squares(rows, tried);
            // A further coefficient must earn its place, else noise decides which of two explains a constant.
            if (error < least * (1 - SINGULAR)) {
                least = error;
                best = tried;
            }
        }
        return best;
    }

    /** With the columns of the bit mask alone; empty where they don't determine it, or something is negative. */
    private static double[] solve(final double[][] rows, final int chosen) {
        final int[] columns = java.util.stream.IntStream.range(0, rows[0].length)
                .filter(column -> (chosen & 1 << column) != 0)
                .toArray();
        if (columns.length > rows.length) {
            return new double[0];
        }
        final RealMatrix matrix = new Array2DRowRealMatrix(rows.length, columns.length);
        final double[] scale = new double[columns.length];
        for (int c = 0; c < columns.length; c++) {
            final int column = columns[c];
            scale[c] = Arrays.stream(rows).mapToDouble(row -> row[column]).max().orElse(0);
            if (scale[c] <= 0) {
                return new double[0];
            }
            for (int r = 0; r < rows.length; r++) {
                matrix.setEntry(r, c, rows[r][column] / scale[c]);
            }
        }
        final DecompositionSolver solver = new QRDecomposition(matrix, SINGULAR).getSolver();
        if (!solver.isNonSingular()) {
            return new double[0];
        }
        final RealVector solution = solver.solve(new ArrayRealVector(rows.length, 1.0));
        final double[] all = new double[rows[0].length];
        for (int c = 0; c < columns.length; c++) {
            if (solution.getEntry(c) < 0) {
                return new double[0];
            }
            all[columns[c]] = solution.getEntry(c) / scale[c];
        }
        return all;
    }

    private static double squares(final double[][] rows, final double[] coefficients) {
        double sum = 0;
        for (final double[] row : rows) {
            double predicted = 0;
            for (int c = 0; c < row.length; c++) {
                predicted += row[c] * coefficients[c];
            }
            sum += (predicted - 1) * (predicted - 1);
        }
        return sum;
    }
}

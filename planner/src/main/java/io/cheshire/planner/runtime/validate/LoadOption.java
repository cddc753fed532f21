package io.cheshire.planner.runtime.validate;

import io.cheshire.planner.protocol.plan.PlanRefused;
import java.util.List;

/**
 * What {@code --load} says.
 *
 * @param rate  requests a second
 * @param count requests
 */
record LoadOption(double rate, int count, LiveWorkload workload) {
    /** Rate, requests, prompt and output; what isn't given is usual. */
    static LoadOption parse(final String load) {
        final String[] parts = load.isBlank() ? new String[0] : load.split(",", -1);
        final double[] figures = {2, 40, 16, 16};
        if (parts.length > figures.length) {
            throw new PlanRefused(List.of("--load " + load + " has more than rate, requests, prompt and output"));
        }
        for (int i = 0; i < parts.length; i++) {
            try {
                figures[i] = Double.parseDouble(parts[i].strip());
            } catch (final NumberFormatException wrong) {
                throw new PlanRefused(List.of("--load " + load + ": " + parts[i] + " is no number"));
            }
            if (!(figures[i] > 0)) {
                throw new PlanRefused(List.of("--load " + load + ": " + parts[i] + " must be above 0"));
            }
        }
        return new LoadOption(figures[0], (int) figures[1], new LiveWorkload.Even((int) figures[2], (int) figures[3]));
    }
}

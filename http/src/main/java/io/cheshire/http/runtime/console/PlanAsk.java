package io.cheshire.http.runtime.console;

import java.util.List;
import java.util.Map;

/**
 * What the console asks of a planner, field by field as its form has them; what isn't there is as the plan in force has
 * it, or as the planner's defaults. Nothing in it names a file: {@code trace} is an uploaded one's id.
 *
 * @param numbers such as the rate
 * @param counts  lists of whole numbers, such as expert nodes; a search looks at every combination
 * @param words   such as the class of machine, letters, digits, dots and dashes
 */
public record PlanAsk(Map<String, Double> numbers, Map<String, List<Integer>> counts, Map<String, String> words) {
    public PlanAsk {
        numbers = Map.copyOf(numbers);
        counts = Map.copyOf(counts);
        words = Map.copyOf(words);
    }
}

package io.cheshire.helm;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names in PromQL. No parser of the language, only of what tells metrics, labels and functions apart: a word before
 * parentheses is a function, words in the parentheses of {@code by} and its like are labels, words in braces are labels
 * of the metric before them, and any other word is a metric.
 */
final class Expressions {
    private static final Pattern TOKEN = Pattern.compile(
            "\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^\\]]*]|[a-zA-Z_:][a-zA-Z0-9_:]*|\\d[0-9.a-z]*|=~|!~|!=|[^\\s]");
    private static final Set<String> GROUPING = Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

    private Expressions() {}

    /** One condition on a label. Operator is one of {@code = != =~ !~}. */
    record Condition(String label, String operator, String value) {}

    /** A metric with its conditions. */
    record Selector(String metric, List<Condition> conditions) {}

    /** What an expression names: its selectors, and labels that it groups by. */
    record Names(List<Selector> selectors, Set<String> grouping) {}

    static Names of(final String expression) {
        final List<String> tokens = new ArrayList<>();
        final Matcher matcher = TOKEN.matcher(expression);
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
        final List<Selector> selectors = new ArrayList<>();
        final Set<String> grouping = new LinkedHashSet<>();
        int at = 0;
        while (at < tokens.size()) {
            final String token = tokens.get(at);
            final String next = at + 1 < tokens.size() ? tokens.get(at + 1) : "";
            at++;
            final boolean isWord = Character.isLetter(token.charAt(0)) || token.charAt(0) == '_';
            if (!isWord || OPERATORS.contains(token)) {
                continue;
            }
            if (GROUPING.contains(token)) {
                if (next.equals("(")) {
                    final int end = indexOf(tokens, ")", at);
                    tokens.subList(at + 1, end).stream()
                            .filter(word -> !word.equals(","))
                            .forEach(grouping::add);
                    at = end + 1;
                }
            } else if (next.equals("{")) {
                final int end = indexOf(tokens, "}", at);
                selectors.add(new Selector(token, conditions(tokens.subList(at + 1, end))));
                at = end + 1;
            } else if (!next.equals("(") && !GROUPING.contains(next)) {
                selectors.add(new Selector(token, List.of()));
            }
        }
        return new Names(selectors, grouping);
    }

    private static List<Condition> conditions(final List<String> tokens) {
        final List<Condition> conditions = new ArrayList<>();
        for (int i = 0; i + 2 < tokens.size(); i += 4) {
            final String value = tokens.get(i + 2);
            conditions.add(new Condition(tokens.get(i), tokens.get(i + 1), value.substring(1, value.length() - 1)));
        }
        return conditions;
    }

    private static int indexOf(final List<String> tokens, final String token, final int from) {
        for (int i = from; i < tokens.size(); i++) {
            if (tokens.get(i).equals(token)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no " + token + " in " + tokens);
    }
}

package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.http.core.CallScanner.Found;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ToolFields;
import io.cheshire.router.core.grammar.CallMarks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls are found in an answer wherever it is cut, and written as text for the model. */
class CallScannerTest {
    private static final String ANSWER =
            "a <tool <tool_call>{\"name\": \"f\", \"arguments\": {\"s\":\"}{\\\"]\\\\\",\"l\":"
                    + "[{}]}}</tool_call>\n<tool_call>{\"name\": \"g-2\", \"arguments\": {}}</tool_call>";

    /** {@code text | name arguments | …} */
    private static String scan(final List<String> pieces) {
        return scan(ToolFormat.MARKS, pieces);
    }

    private static String scan(final CallMarks marks, final List<String> pieces) {
        return scan(marks, false, pieces);
    }

    private static String scan(final CallMarks marks, final boolean hasForm, final List<String> pieces) {
        final CallScanner scanner = new CallScanner(marks, hasForm);
        final List<Found> found = new ArrayList<>();
        pieces.forEach(piece -> found.addAll(scanner.push(piece)));
        found.addAll(scanner.finish());
        final StringBuilder all = new StringBuilder();
        for (final Found one : found) {
            all.append(
                    switch (one) {
                        case CallScanner.Plain(final String text) -> text;
                        case CallScanner.Opened(final int index, final String name) -> " |" + index + " " + name + " ";
                        case CallScanner.Arguments(final int index, final String text) -> text;
                    });
        }
        return all + (scanner.hasCalled() ? " whole" : "");
    }

    @Test
    void shouldFindTheSameCallsWhereverTheAnswerIsCut() {
        final String expected = "a <tool  |0 f {\"s\":\"}{\\\"]\\\\\",\"l\":[{}]} |1 g-2 {} whole";
        for (int i = 0; i <= ANSWER.length(); i++) {
            for (int j = i; j <= ANSWER.length(); j += 7) {
                assertThat(scan(List.of(ANSWER.substring(0, i), ANSWER.substring(i, j), ANSWER.substring(j))))
                        .isEqualTo(expected);
            }
        }
        assertThat(scan(ANSWER.codePoints().mapToObj(Character::toString).toList()))
                .isEqualTo(expected);
    }

    @Test
    void shouldFindNativeCallsWithTheirMarksAndBare() {
        final String list = "[{\"name\": \"f\", \"arguments\": {\"a\":[1, {}]}}, {\"name\": \"g\", \"arguments\": {}}]";
        final String calls = " |0 f {\"a\":[1, {}]} |1 g {} whole";
        for (final String answer : List.of("hm " + NativeTools.MARKS.trigger() + list + "<|/tool_call|>", list)) {
            final String expected = answer.startsWith("hm") ? "hm " + calls : calls;
            for (int i = 0; i <= answer.length(); i++) {
                assertThat(scan(NativeTools.MARKS, List.of(answer.substring(0, i), answer.substring(i))))
                        .isEqualTo(expected);
            }
        }
        assertThat(scan(NativeTools.MARKS, List.of("[{\"na", "ture\": 1}]"))).isEqualTo("[{\"nature\": 1}]");
        assertThat(scan(NativeTools.MARKS, List.of("[{\"na"))).isEqualTo("[{\"na");
    }

    @Test
    void shouldTakeForTextWhatOnlyLooksLikeACall() {
        assertThat(scan(List.of("x <tool_cal", "led>"))).isEqualTo("x <tool_called>");
        assertThat(scan(List.of("x <tool_call"))).isEqualTo("x <tool_call");
    }

    @Test
    void shouldFindCallsWhereAFormedAnswerBeginsAndNowhereElse() {
        final String call = "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>";
        final String list = "[{\"name\": \"Ann\", \"age\": 3}]";
        final String bare = "[{\"name\": \"f\", \"arguments\": {}}]";
        final String marked = NativeTools.MARKS.trigger() + bare;
        for (final String text :
                List.of("", "{\"a\":\"<tool_call>\"}", "x" + call, "<tool_cal", list, bare, "x" + marked, "<|tool")) {
            for (final CallMarks marks : List.of(ToolFormat.MARKS, NativeTools.MARKS)) {
                for (int i = 0; i <= text.length(); i++) {
                    assertThat(scan(marks, true, List.of(text.substring(0, i), text.substring(i))))
                            .isEqualTo(text);
                }
            }
        }
        for (int i = 0; i <= call.length(); i++) {
            assertThat(scan(ToolFormat.MARKS, true, List.of(call.substring(0, i), call.substring(i))))
                    .isEqualTo(" |0 f {} whole");
        }
        assertThat(scan(NativeTools.MARKS, true, List.of(marked + NativeTools.MARKS.ending())))
                .isEqualTo(" |0 f {} whole");
    }

    @Test
    void shouldNotTakeACallThatIsCutForAWholeOne() {
        assertThat(scan(List.of("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\":")))
                .isEqualTo(" |0 f {\"a\":");
    }

    @Test
    void shouldTellTheModelOfToolsCallsAndResultsInPlainText() {
        final ToolFields tools = new ToolFields(
                List.of(new ToolFields.Tool("tools[0]", "f", "Does \"it\".", "{\"type\":\"object\"}", false)),
                false,
                true,
                false);
        final List<ApiChatMessage> plain = ToolFormat.plain(
                List.of(
                        new ApiChatMessage("system", "Be brief."),
                        new ApiChatMessage("user", "Go."),
                        new ApiChatMessage(
                                "assistant",
                                "",
                                List.of(new ApiChatMessage.Call("f", "{}"), new ApiChatMessage.Call("f", "{\"a\":1}"))),
                        new ApiChatMessage("tool", "one"),
                        new ApiChatMessage("tool", "two")),
                tools);

        assertThat(plain)
                .containsExactly(
                        new ApiChatMessage(
                                "system",
                                "Be brief.\n\nYou may call tools. Each line of JSON describes one:\n"
                                        + "{\"name\": \"f\", \"description\": \"Does \\\"it\\\".\", \"parameters\": "
                                        + "{\"type\":\"object\"}}\nTo call a tool, answer with <tool_call>"
                                        + "{\"name\": NAME, \"arguments\": OBJECT}</tool_call>."),
                        new ApiChatMessage("user", "Go."),
                        new ApiChatMessage(
                                "assistant",
                                "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>\n"
                                        + "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\":1}}</tool_call>"),
                        new ApiChatMessage(
                                "user",
                                "<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>"));
    }
}

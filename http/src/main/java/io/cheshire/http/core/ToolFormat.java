package io.cheshire.http.core;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ToolFields;
import io.cheshire.router.core.grammar.CallMarks;
import io.cheshire.router.core.grammar.GrammarSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How tools, calls and results are written for models whose template knows none of them: as plain text, which the
 * documentation shows. Pure.
 */
public final class ToolFormat {
    static final CallMarks MARKS = new CallMarks("", "", "<tool_call>", "</tool_call>", "\n", "", "");
    private static final String RESULT = "<tool_response>\n";
    private static final String RESULT_END = "\n</tool_response>";
    private static final String SYSTEM = "system";

    private ToolFormat() {}

    /**
     * What an answer with these tools may be.
     *
     * @param text what it is if it calls none, or null for any text
     */
    static GrammarSource source(final ToolFields fields, final CallMarks marks, final @Nullable GrammarSource text) {
        final List<GrammarSource.Tool> tools = new ArrayList<>();
        for (final ToolFields.Tool tool : fields.tools()) {
            tools.add(new GrammarSource.Tool(tool.name(), tool.parameters(), tool.isStrict()));
        }
        return new GrammarSource.Calls(tools, marks, text, fields.isForced(), fields.isSingle());
    }

    /** The conversation with nothing in it but texts of system, user and assistant. */
    static List<ApiChatMessage> plain(final List<ApiChatMessage> messages, final @Nullable ToolFields tools) {
        final List<ApiChatMessage> plain = new ArrayList<>();
        String wasRole = "";
        for (final ApiChatMessage message : messages) {
            if (!message.role().equals("tool")) {
                plain.add(new ApiChatMessage(message.role(), withCalls(message)));
            } else {
                final String result = RESULT + message.content() + RESULT_END;
                if (wasRole.equals("tool")) {
                    final ApiChatMessage before = plain.removeLast();
                    plain.add(new ApiChatMessage("user", before.content() + "\n" + result));
                } else {
                    plain.add(new ApiChatMessage("user", result));
                }
            }
            wasRole = message.role();
        }
        if (tools != null) {
            addTools(plain, tools);
        }
        return plain;
    }

    private static String withCalls(final ApiChatMessage message) {
        final StringBuilder text = new StringBuilder(message.content());
        boolean isFirst = true;
        for (final ApiChatMessage.Call call : message.calls()) {
            text.append(isFirst ? "" : MARKS.between()).append(MARKS.open());
            append(text, call);
            text.append(MARKS.close());
            isFirst = false;
        }
        return text.toString();
    }

    static void append(final StringBuilder text, final ApiChatMessage.Call call) {
        text.append(CallMarks.HEAD).append(quoted(call.name()));
        text.append(CallMarks.ARGUMENTS).append(call.arguments()).append(CallMarks.TAIL);
    }

    private static void addTools(final List<ApiChatMessage> plain, final ToolFields tools) {
        final StringBuilder text = new StringBuilder("You may call tools. Each line of JSON describes one:\n");
        for (final ToolFields.Tool tool : tools.tools()) {
            text.append("{\"name\": ").append(quoted(tool.name()));
            if (!tool.description().isEmpty()) {
                text.append(", \"description\": ").append(quoted(tool.description()));
            }
            text.append(", \"parameters\": ").append(tool.parameters()).append("}\n");
        }
        text.append("To call a tool, answer with ")
                .append(MARKS.open())
                .append("{\"name\": NAME, \"arguments\": OBJECT}")
                .append(MARKS.close())
                .append(tools.isSingle() ? "." : "; for several calls, one a line.");
        if (!plain.isEmpty() && plain.getFirst().role().equals(SYSTEM)) {
            final String own = plain.getFirst().content();
            plain.set(0, new ApiChatMessage(SYSTEM, own.isEmpty() ? text.toString() : own + "\n\n" + text));
        } else {
            plain.addFirst(new ApiChatMessage(SYSTEM, text.toString()));
        }
    }

    static String quoted(final String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}

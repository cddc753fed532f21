package io.cheshire.model.runtime.text;

import io.cheshire.model.core.jinja.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a chat template is given: the same names as by Hugging Face's tokenizers, tools and documents being None, and
 * a token that the model doesn't have being undefined.
 */
final class ChatVariables {
    private final TokenizerConfig config;

    ChatVariables(final TokenizerConfig config) {
        this.config = config;
    }

    Set<String> names() {
        return of(List.of(), true).keySet();
    }

    private static Text content(final ChatMessage message) {
        final Text said = Text.foreign(message.content());
        return message.calls().isEmpty()
                ? said
                : said.plus(Text.of(ToolMarks.CALL))
                        .plus(Text.foreign(message.calls()))
                        .plus(Text.of(ToolMarks.CALL_END));
    }

    Map<String, Object> of(final List<ChatMessage> messages, final boolean addGenerationPrompt) {
        final List<Map<String, Object>> list = new ArrayList<>(messages.size());
        for (final ChatMessage message : messages) {
            final Map<String, Object> map = new LinkedHashMap<>();
            // Roles are from a list of ours; contents are anybody's.
            map.put("role", message.role());
            map.put("content", content(message));
            if (!message.tools().isEmpty()) {
                map.put("tools", Text.foreign(message.tools()));
            }
            list.add(map);
        }
        final Map<String, Object> variables = new HashMap<>();
        variables.put("messages", list);
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("tools", null);
        variables.put("documents", null);
        if (!config.bosToken().isEmpty()) {
            variables.put("bos_token", config.bosToken());
        }
        if (!config.eosToken().isEmpty()) {
            variables.put("eos_token", config.eosToken());
        }
        return variables;
    }
}

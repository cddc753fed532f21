package io.cheshire.benchmarks.serve.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What one event of a completion stream says. A chunk stands for one token if it carries a choice with text, or a
 * choice that doesn't finish (servers send an empty text while a character's bytes are incomplete).
 *
 * @param token            whether the chunk stands for a token
 * @param finishReason     why generation ended; null while it goes on
 * @param promptTokens     from the usage object; -1 where there is none
 * @param completionTokens likewise
 * @param error            the server's message where the event is an error; null otherwise
 */
public record CompletionChunk(
        boolean token,
        @Nullable String finishReason,
        long promptTokens,
        long completionTokens,
        @Nullable String error) {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Reads one data field.
     *
     * @throws IOException when it is no JSON object
     */
    public static CompletionChunk parse(final byte[] data) throws IOException {
        final Fields fields = new Fields();
        try (JsonParser parser = JSON.createParser(data)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("an event's data is no JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                final String name = parser.currentName();
                final JsonToken value = parser.nextToken();
                switch (name) {
                    case "choices" -> fields.readChoices(parser, value);
                    case "usage" -> fields.readUsage(parser, value);
                    case "error" -> fields.readError(parser, value);
                    default -> parser.skipChildren();
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT) {
                throw new IOException("an event's data ends inside its JSON object");
            }
        }
        return fields.chunk();
    }

    /** What has been read so far. */
    private static final class Fields {
        private boolean choice;
        private boolean text;
        private @Nullable String finishReason;
        private long promptTokens = -1;
        private long completionTokens = -1;
        private @Nullable String error;

        CompletionChunk chunk() {
            final boolean token = text || (choice && finishReason == null);
            return new CompletionChunk(token, finishReason, promptTokens, completionTokens, error);
        }

        void readChoices(final JsonParser parser, final JsonToken value) throws IOException {
            if (value != JsonToken.START_ARRAY) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                choice = true;
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    readChoiceField(parser);
                }
            }
        }

        private void readChoiceField(final JsonParser parser) throws IOException {
            final String name = parser.currentName();
            final JsonToken value = parser.nextToken();
            if (name.equals("text") && value == JsonToken.VALUE_STRING) {
                text |= parser.getTextLength() > 0;
            } else if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                finishReason = parser.getText();
            } else {
                parser.skipChildren();
            }
        }

        void readUsage(final JsonParser parser, final JsonToken value) throws IOException {
            if (value != JsonToken.START_OBJECT) {
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                final String name = parser.currentName();
                final JsonToken number = parser.nextToken();
                if (name.equals("prompt_tokens") && number.isNumeric()) {
                    promptTokens = parser.getLongValue();
                } else if (name.equals("completion_tokens") && number.isNumeric()) {
                    completionTokens = parser.getLongValue();
                } else {
                    parser.skipChildren();
                }
            }
        }

        void readError(final JsonParser parser, final JsonToken value) throws IOException {
            switch (value) {
                case START_OBJECT -> {
                    error = "error without a message";
                    while (parser.nextToken() == JsonToken.FIELD_NAME) {
                        final String name = parser.currentName();
                        parser.nextToken();
                        if (name.equals("message")) {
                            error = parser.getText();
                        } else {
                            parser.skipChildren();
                        }
                    }
                }
                case VALUE_NULL -> error = null;
                default -> error = parser.getText();
            }
        }
    }
}

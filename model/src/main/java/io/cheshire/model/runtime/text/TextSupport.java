package io.cheshire.model.runtime.text;

/** Whether the server can read and write text for a model, or token ids only. */
public sealed interface TextSupport extends AutoCloseable {
    /**
     * The model has a tokenizer.
     *
     * @param codec text to ids and back
     * @param chat  conversations to ids; refuses every conversation, with a reason, if the model has no chat template
     * @param eosToken text of the token that the tokenizer's files call the end; empty if none
     */
    record Available(TextCodec codec, ChatPrompts chat, String eosToken) implements TextSupport {
        @Override
        public void close() {
            chat.close();
            codec.close();
        }
    }

    /**
     * The model has none: prompts must come as token ids, and answers go out as token ids.
     *
     * @param reason one sentence for the operator
     */
    record TokenIdsOnly(String reason) implements TextSupport {
        @Override
        public void close() {}
    }

    @Override
    void close();
}

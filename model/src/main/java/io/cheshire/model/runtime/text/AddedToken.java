package io.cheshire.model.runtime.text;

/**
 * An entry of {@code added_tokens} in tokenizer.json.
 *
 * @param id         its token id
 * @param content    its text
 * @param singleWord matches only between non-word characters
 * @param lstrip     swallows whitespace to its left
 * @param rstrip     swallows whitespace to its right
 * @param normalized is looked for in normalised text
 * @param special    left out of decoded text
 */
public record AddedToken(
        int id,
        String content,
        boolean singleWord,
        boolean lstrip,
        boolean rstrip,
        boolean normalized,
        boolean special) {
    /**
     * Whether text that a user sends must not become this token. Only a run of whitespace controls nothing; everything
     * else does, also where the file calls it not special, as Phi-3.5 does with its {@code </s>}.
     */
    public boolean isControl() {
        return special || !content.isBlank();
    }
}

package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bound on a text's tokens never says more than there are: what it refuses could not have fitted. */
class TextBoundIT {
    private static final int VOCAB_SIZE = 400;
    private static final int TEXTS = 2_000;
    private static final String[] PIECES = {
        "a", "b", "ab", "abab", "cccc", "x", " ", "    ", "\n\n\n", "\u00A0", "\u3000", "<s>", "<e>", "  <n> ", "é",
        "👩", "\u0301", "\u2581", "zz", "Ａ"
    };

    /**
     * What may go wrong in a file: normaliser, pre-tokenizer, unknown characters; and whether a bound is known then.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "plain;          null; null; all; true",
                "llama;          {'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
                        + "{'type':'Replace','pattern':{'String':' '},'content':'▁'}]}; null; all; true",
                "shrinking;      {'type':'Replace','pattern':{'String':'cccc'},'content':'a'}; null; all; true",
                "dropping;       {'type':'Replace','pattern':{'String':'zz'},'content':''}; null; all; false",
                "by pattern;     {'type':'Replace','pattern':{'Regex':'z+'},'content':'a'}; null; all; false",
                "stripping;      {'type':'Strip','strip_left':true,'strip_right':true}; null; all; false",
                "composing;      {'type':'NFKC'}; null; all; false",
                "metaspace;      null; {'type':'Metaspace','replacement':'▁','prepend_scheme':'always','split':true};"
                        + " all; true",
                "white space;    null; {'type':'WhitespaceSplit'}; all; false",
                "removing split; null; {'type':'Split','pattern':{'String':' '},'behavior':'Removed','invert':false};"
                        + " all; false",
                "keeping split;  null; {'type':'Split','pattern':{'String':' '},'behavior':'Isolated','invert':false};"
                        + " all; true",
                "fused unknown;  null; null; fused; false",
                "single unknown; null; null; single; true",
                "no unknown;     null; null; none; false",
            })
    void shouldNeverSayMoreTokensThanThereAre(
            final String name,
            final String normalizer,
            final String preTokenizer,
            final String characters,
            final boolean isKnown) {
        final TokenizerJson json = TokenizerJson.parse(
                file(normalizer, preTokenizer, characters).getBytes(StandardCharsets.UTF_8), VOCAB_SIZE);
        try (TextCodec codec = new TextCodec(json, 1 << 20)) {
            assertThat(json.fullBound().fewestTokens("a".repeat(1000)) > 0).isEqualTo(isKnown);
            checkRandomTexts(json, codec);
        }
    }

    @Test
    void shouldBeSoundForTheModelThatComesWithTheRepository() throws Exception {
        final TokenizerJson json = TokenizerJson.parse(
                java.nio.file.Files.readAllBytes(MiniModel.directory().resolve(ModelFile.TOKENIZER.fileName())),
                MiniModel.VOCAB_SIZE);
        try (TextCodec codec = new TextCodec(json, 1 << 20)) {
            checkRandomTexts(json, codec);
            assertThat(json.fullBound().fewestTokens("<|end|>" + "\n".repeat(100_000)))
                    .as("one token swallows them all")
                    .isOne();
            assertThat(codec.encode("<|end|>" + "\n".repeat(100_000), true, false))
                    .hasSize(1);
        }
    }

    @Test
    void shouldRefuseWhatCannotFitWithoutTokenisingIt() {
        try (TextSupport.Available text = MiniModel.text()) {
            final String large = "The cat sat. ".repeat(80_000);
            for (final org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
                    List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                            () -> text.codec().encode(large, true, true, 512),
                            () -> text.chat().encode(List.of(new ChatMessage("user", large)), true, 512))) {
                for (int warm = 0; warm < 5; warm++) {
                    assertThatThrownBy(call).isInstanceOf(TextException.class);
                }
                final long startNs = System.nanoTime();
                assertThatThrownBy(call)
                        .isInstanceOfSatisfying(
                                TextException.class,
                                refused -> assertThat(refused.kind()).isEqualTo(TextException.Kind.TOO_MANY_TOKENS))
                        .hasMessageContaining("512")
                        .hasMessageContaining("at least");
                System.out.println("1 MiB refused after " + (System.nanoTime() - startNs) / 1000 + " us");
            }
            assertThat(text.codec().encode("The cat sat. ".repeat(100), true, true, 512))
                    .hasSizeLessThan(512);
        }
    }

    private static void checkRandomTexts(final TokenizerJson json, final TextCodec codec) {
        final long seed = System.nanoTime();
        final Random random = new Random(seed);
        for (int i = 0; i < TEXTS; i++) {
            final StringBuilder text = new StringBuilder();
            for (int piece = random.nextInt(12); piece >= 0; piece--) {
                text.append(PIECES[random.nextInt(PIECES.length)].repeat(1 + random.nextInt(4)));
            }
            final String said = "seed " + seed + ": '" + text + "'";
            assertThat(json.fullBound().fewestTokens(text.toString()))
                    .as(said)
                    .isLessThanOrEqualTo(codec.encode(text.toString(), true, false).length);
            assertThat(json.plainBound().fewestTokens(text.toString()))
                    .as(said)
                    .isLessThanOrEqualTo(codec.encode(text.toString(), false, false).length);
        }
    }

    /** A tokenizer of a few pieces; {@code characters} says what becomes of those without a piece. */
    private static String file(final String normalizer, final String preTokenizer, final String characters) {
        final StringBuilder vocab =
                new StringBuilder("'<unk>':0,'a':1,'b':2,'ab':3,'abab':4,'c':5,' ':6,'▁':7,'<s>':8,'<e>':9,'<n>':10");
        if (characters.equals("all")) {
            for (int value = 0; value < 256; value++) {
                vocab.append(",'<0x%02X>':%d".formatted(value, 11 + value));
            }
        }
        final boolean hasUnknown = !characters.equals("none");
        final String text = "{'version':'1.0','truncation':null,'padding':null,'added_tokens':["
                + (hasUnknown ? added(0, "<unk>", false, false) + "," : "")
                + added(8, "<s>", true, false) + "," + added(9, "<e>", false, false) + ","
                + added(10, "<n>", true, true) + "],'normalizer':" + normalizer + ",'pre_tokenizer':" + preTokenizer
                + ",'post_processor':null,'decoder':null,'model':{'type':'BPE','dropout':null,'unk_token':"
                + (hasUnknown ? "'<unk>'" : "null") + ",'continuing_subword_prefix':null,'end_of_word_suffix':null,"
                + "'fuse_unk':" + !characters.equals("single") + ",'byte_fallback':" + characters.equals("all")
                + ",'vocab':{" + vocab + "},'merges':['a b','ab ab']}}";
        return text.replace('\'', '"');
    }

    private static String added(final int id, final String content, final boolean strips, final boolean normalized) {
        return "{'id':" + id + ",'content':'" + content + "','single_word':false,'lstrip':" + strips + ",'rstrip':"
                + strips + ",'normalized':" + normalized + ",'special':true}";
    }
}

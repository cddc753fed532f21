package io.cheshire.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a setting may be, and what is said of one that can't be. */
class SettingReaderTest {
    private enum Colour {
        RED,
        DARK_BLUE
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            number = 0                | a.number = 0: must be 1 to 16
            number = 1.5              | a.number = 1.5: must be 1 to 16
            number = 4294967297       | a.number = 4294967297: must be 1 to 16
            number = many             | a.number = many: must be 1 to 16
            number = null             | a.number = null: must be 1 to 16
            real = 2                  | a.real = 2: must be a number, 0 to 1
            real = NaN                | a.real = NaN: must be a number, 0 to 1
            size = 1                  | a.size = 1: must be a size, 1 KiB to 1 GiB
            size = 1 ms               | a.size = 1 ms: must be a size, 1 KiB to 1 GiB
            time = 5                  | a.time = 5: must be a duration, 10 ms to 1 h, such as 5 s
            time = soon               | a.time = soon: must be a duration, 10 ms to 1 h, such as 5 s
            time = 400 d              | a.time = 400 d: must be a duration, 10 ms to 1 h, such as 5 s
            colour = green            | a.colour = green: must be red or dark-blue
            flag = 3                  | a.flag = 3: must be true or false
            text = ""                 | a.text = "": must be a text that isn't empty
            texts = [[]]              | a.texts = [[]]: must be a list of texts, ["..."]
            rows = several            | a.rows = several: must be auto, or 1 to 4
            """)
    void shouldNameKeyValueAndLimitWhenAValueIsWrong(final String setting, final String said) {
        assertThatThrownBy(() -> SettingReader.read(
                        ConfigFactory.parseString("a { " + setting + " }")
                                .withFallback(ConfigFactory.parseString(GOOD)),
                        SettingReaderTest::all))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("configuration: " + said);
    }

    private static final String GOOD = "a { number = 16, real = 0.5, size = 64 KiB, time = 1 s, colour = Dark-Blue,"
            + " flag = on, text = t, texts = [], rows = auto }";

    private static List<Object> all(final SettingReader root) {
        final SettingReader a = root.section("a");
        return List.of(
                a.number("number", 1, 16),
                a.real("real", 0, 1),
                a.bytes("size", 1024, 1 << 30),
                a.duration("time", Duration.ofMillis(10), Duration.ofHours(1)),
                a.choice("colour", Colour.class),
                a.flag("flag"),
                a.text("text"),
                a.texts("texts"),
                a.numberOrAuto("rows", 1, 4, 3));
    }

    @Test
    void shouldReadWhatFits() {
        assertThat(SettingReader.read(ConfigFactory.parseString(GOOD), SettingReaderTest::all))
                .containsExactly(16, 0.5, 65_536L, Duration.ofSeconds(1), Colour.DARK_BLUE, true, "t", List.of(), 3);
    }

    @Test
    void shouldNameEveryWrongValueOfEverySectionAtOnce() {
        final SettingReader root =
                SettingReader.of(ConfigFactory.parseString("a { x = 0, b.y = z }, c = 1"), Map.of("a.x", "--x"));
        root.section("a").number("x", 1, 2);
        root.section("a").section("b").flag("y");
        root.section("c").flag("never said of what isn't a section");
        root.section("a").flag("missing");

        assertThatThrownBy(root::throwIfProblems).hasMessage("""
                configuration: 4 problems
                  a.x (--x) = 0: must be 1 to 2
                  a.b.y = z: must be true or false
                  c = 1: must be a section of settings, { ... }
                  a.missing = (not set): must be true or false""");
    }

    @Test
    void shouldSayOneThingOfASettingAlone() {
        final SettingReader root = SettingReader.of(ConfigFactory.parseString("x = 0"));
        final int x = root.number("x", 5, 9);

        assertThat(root.require(x > 7, "x", "must be more than 7")).isFalse();

        assertThatThrownBy(root::throwIfProblems).hasMessage("configuration: x = 0: must be 5 to 9");
    }

    @Test
    void shouldNeverShowASecret() {
        final SettingReader root = SettingReader.of(ConfigFactory.parseString("secret { a = hunter2 }, key = hunter3"));
        root.secret("secret");
        root.requireOfSecret(false, "key", "must be longer");

        assertThatThrownBy(root::throwIfProblems)
                .hasMessageContainingAll("secret: must be a text", "key: must be longer")
                .message()
                .doesNotContain("hunter");
    }

    @Test
    void shouldReadTheSectionsOfAList() {
        final SettingReader root = SettingReader.of(ConfigFactory.parseString("keys = [{ a = 1 }, { a = 7 }]"));

        assertThat(root.sections("keys"))
                .extracting(each -> each.number("a", 1, 5))
                .containsExactly(1, 1);
        assertThatThrownBy(root::throwIfProblems).hasMessage("configuration: keys[1].a = 7: must be 1 to 5");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 s", "200000, 200 us", "1500000000, 1500 ms", "7200000000000, 2 h", "-1, -1 ns"})
    void shouldWriteTimesInTheLargestUnitThatDividesThem(final long ns, final String words) {
        assertThat(Units.time(ns)).isEqualTo(words);
    }
}

package io.cheshire.model.protocol.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cheshire.model.protocol.safetensors.SafetensorsException.Kind;
import io.cheshire.model.testing.Safetensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One case per malformed input of the reference reader and of our own limits. */
@Timeout(20)
class SafetensorsHeaderTest {
    private static final byte[] NO_DATA = {};

    private static SafetensorsHeader parse(final byte[] file) {
        final long claimed = file.length < 8
                ? 0
                : ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        final int length = SafetensorsHeader.checkLength(file.length, claimed);
        return SafetensorsHeader.parse(Arrays.copyOfRange(file, 8, 8 + length), file.length);
    }

    private static byte[] one(final String entry, final int dataBytes) {
        return Safetensors.file("{\"a\":" + entry + "}", new byte[dataBytes]);
    }

    private static String entry(final String dtype, final String shape, final String offsets) {
        return "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(dtype, shape, offsets);
    }

    static Stream<Arguments> badFiles() {
        return Stream.of(badLengths(), badJson(), badOffsets(), badSizes()).flatMap(cases -> cases);
    }

    private static Stream<Arguments> badLengths() {
        final byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                arguments("an empty file", NO_DATA, Kind.HEADER_TOO_SMALL),
                arguments("seven bytes", new byte[7], Kind.HEADER_TOO_SMALL),
                arguments("header length 0", Safetensors.framed(0, json, NO_DATA), Kind.INVALID_HEADER_LENGTH),
                arguments("header beyond the file", Safetensors.framed(3, json, NO_DATA), Kind.INVALID_HEADER_LENGTH),
                arguments(
                        "header length 2^63", Safetensors.framed(Long.MIN_VALUE, json, NO_DATA), Kind.HEADER_TOO_LARGE),
                arguments("header length 2^64-1", Safetensors.framed(-1, json, NO_DATA), Kind.HEADER_TOO_LARGE),
                arguments(
                        "header over the cap",
                        Safetensors.framed(SafetensorsHeader.MAX_HEADER_BYTES + 1L, json, NO_DATA),
                        Kind.HEADER_TOO_LARGE));
    }

    private static Stream<Arguments> badJson() {
        final Kind bad = Kind.INVALID_HEADER_DESERIALIZATION;
        final String good = entry("BF16", "[1]", "[0,2]");
        return Stream.of(
                arguments(
                        "not UTF-8",
                        Safetensors.file(new byte[] {'{', (byte) 0xff, '}'}, NO_DATA),
                        Kind.INVALID_HEADER),
                arguments(
                        "an overlong UTF-8 sequence",
                        Safetensors.file(new byte[] {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', '}'}, NO_DATA),
                        Kind.INVALID_HEADER),
                arguments("UTF-16", Safetensors.file("{}".getBytes(StandardCharsets.UTF_16LE), NO_DATA), bad),
                arguments("no JSON", Safetensors.file("hello", NO_DATA), bad),
                arguments("an array", Safetensors.file("[]", NO_DATA), bad),
                arguments("cut short", Safetensors.file("{\"a\":", NO_DATA), bad),
                arguments("something after the object", Safetensors.file("{} {}", NO_DATA), bad),
                arguments("deep nesting", Safetensors.file("{\"a\":" + "[".repeat(1_000_000), NO_DATA), bad),
                arguments("deep metadata", Safetensors.file("{\"__metadata__\":{\"a\":{}}}", NO_DATA), bad),
                arguments("a number as metadata", Safetensors.file("{\"__metadata__\":{\"a\":1}}", NO_DATA), bad),
                arguments("a very long name", Safetensors.file("{\"" + "a".repeat(5_000) + "\":1}", NO_DATA), bad),
                arguments(
                        "a name twice",
                        Safetensors.file("{\"a\":" + good + ",\"a\":" + good + "}", new byte[2]),
                        Kind.DUPLICATE_NAME),
                arguments(
                        "a metadata key twice",
                        Safetensors.file("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", NO_DATA),
                        Kind.DUPLICATE_NAME),
                arguments(
                        "a field twice",
                        one("{\"dtype\":\"BF16\",\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}", 2),
                        Kind.DUPLICATE_NAME),
                arguments("no dtype", one("{\"shape\":[1],\"data_offsets\":[0,2]}", 2), bad),
                arguments("an unknown field", one("{\"strides\":[1]}", 2), bad),
                arguments("three offsets", one(entry("BF16", "[1]", "[0,2,2]"), 2), bad),
                arguments("one offset", one(entry("BF16", "[1]", "[0]"), 2), bad),
                arguments("a fraction in the shape", one(entry("BF16", "[1.0]", "[0,2]"), 2), bad),
                arguments("NaN in the shape", one(entry("BF16", "[NaN]", "[0,2]"), 2), bad),
                arguments("a nested shape", one(entry("BF16", "[[1]]", "[0,2]"), 2), bad),
                arguments("a tensor that is a string", one("\"x\"", 2), bad),
                arguments("rank 10^6", one(entry("BF16", ones(1_000_000), "[0,2]"), 2), bad),
                arguments("an unknown dtype", one(entry("BF17", "[1]", "[0,2]"), 2), Kind.UNKNOWN_DTYPE));
    }

    private static Stream<Arguments> badOffsets() {
        return Stream.of(
                arguments("a negative begin", one(entry("BF16", "[1]", "[-2,0]"), 2), Kind.INVALID_OFFSET),
                arguments("reversed", one(entry("BF16", "[1]", "[2,0]"), 2), Kind.INVALID_OFFSET),
                arguments("a hole at the start", one(entry("BF16", "[1]", "[2,4]"), 4), Kind.INVALID_OFFSET),
                arguments(
                        "a hole in the middle",
                        two(entry("BF16", "[1]", "[0,2]"), entry("BF16", "[1]", "[4,6]"), 6),
                        Kind.INVALID_OFFSET),
                arguments(
                        "overlap",
                        two(entry("BF16", "[2]", "[0,4]"), entry("BF16", "[2]", "[2,6]"), 6),
                        Kind.INVALID_OFFSET),
                arguments("10^5 names on one range", manyOnOneRange(100_000), Kind.INVALID_OFFSET),
                arguments("beyond the file", one(entry("BF16", "[2]", "[0,4]"), 2), Kind.METADATA_INCOMPLETE_BUFFER),
                arguments("bytes left over", one(entry("BF16", "[1]", "[0,2]"), 3), Kind.METADATA_INCOMPLETE_BUFFER),
                arguments(
                        "data without tensors", Safetensors.file("{}", new byte[1]), Kind.METADATA_INCOMPLETE_BUFFER));
    }

    private static Stream<Arguments> badSizes() {
        return Stream.of(
                arguments(
                        "a shape that overflows",
                        one(entry("BF16", "[4294967296,4294967296]", "[0,2]"), 2),
                        Kind.VALIDATION_OVERFLOW),
                arguments(
                        "bits that overflow",
                        one(entry("F64", "[1152921504606846976]", "[0,2]"), 2),
                        Kind.VALIDATION_OVERFLOW),
                arguments(
                        "a dimension beyond 63 bits",
                        one(entry("BF16", "[18446744073709551616]", "[0,2]"), 2),
                        Kind.VALIDATION_OVERFLOW),
                arguments(
                        "an offset beyond 63 bits",
                        one(entry("BF16", "[1]", "[0,9223372036854775808]"), 2),
                        Kind.VALIDATION_OVERFLOW),
                arguments(
                        "a negative dimension",
                        one(entry("BF16", "[-1]", "[0,2]"), 2),
                        Kind.INVALID_HEADER_DESERIALIZATION),
                arguments("size other than offsets", one(entry("F32", "[1]", "[0,2]"), 2), Kind.TENSOR_INVALID_INFO),
                arguments(
                        "a scalar of two bytes too many",
                        one(entry("BF16", "[]", "[0,4]"), 4),
                        Kind.TENSOR_INVALID_INFO),
                arguments("zero size with bytes", one(entry("BF16", "[0]", "[0,2]"), 2), Kind.TENSOR_INVALID_INFO),
                arguments("half a byte", one(entry("F4", "[1]", "[0,1]"), 1), Kind.MISALIGNED_SLICE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badFiles")
    void shouldRefuseByKind(final String what, final byte[] file, final Kind expected) {
        final SafetensorsException refused = catchThrowableOfType(SafetensorsException.class, () -> parse(file));

        assertThat(refused).as(what).isNotNull();
        assertThat(refused.kind()).as(refused.getMessage()).isEqualTo(expected);
    }

    @Test
    void shouldRefuseMoreTensorsThanAnyModelHasInBoundedTime() {
        final String entries = IntStream.range(0, 270_000)
                .mapToObj(i -> "\"%x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}".formatted(i))
                .collect(Collectors.joining(","));
        final byte[] file = Safetensors.file("{" + entries + "}", NO_DATA);

        assertThatThrownBy(() -> parse(file)).isInstanceOf(SafetensorsException.class);
    }

    @Test
    void shouldAcceptWhatTheFormatAllows() {
        final SafetensorsHeader header = parse(Safetensors.file(
                " {\"b\":" + entry("F32", "[]", "[2,6]") + ",\"__metadata__\":{\"format\":\"pt\"},\"a\":"
                        + entry("BF16", "[1,1]", "[0,2]") + ",\"none\":" + entry("I64", "[0,7]", "[0,0]") + "}  ",
                new byte[6]));

        assertThat(header.tensors()).extracting(TensorEntry::name).containsExactly("none", "a", "b");
        assertThat(header.tensors().getLast().shape()).isEmpty();
    }

    @Test
    void shouldReadBackWhatTheWriterWrites() {
        final List<TensorEntry> tensors = List.of(
                new TensorEntry("x\"\u00e9", StoredDtype.BF16, List.of(2L, 3L), 0, 12),
                new TensorEntry("y", StoredDtype.F32, List.of(1L), 12, 16));
        final byte[] header = HeaderWriter.write(tensors);

        final SafetensorsHeader read = parse(Arrays.copyOf(header, header.length + 16));

        assertThat(read.tensors()).isEqualTo(tensors);
        assertThat(read.dataOffset() % 8).isZero();
    }

    private static byte[] two(final String first, final String second, final int dataBytes) {
        return Safetensors.file("{\"a\":" + first + ",\"b\":" + second + "}", new byte[dataBytes]);
    }

    private static byte[] manyOnOneRange(final int count) {
        final String entry = entry("BF16", "[1]", "[0,2]");
        return Safetensors.file(
                IntStream.range(0, count)
                        .mapToObj(i -> "\"" + i + "\":" + entry)
                        .collect(Collectors.joining(",", "{", "}")),
                new byte[2]);
    }

    private static String ones(final int count) {
        return "[" + "1,".repeat(count - 1) + "1]";
    }
}

package io.cheshire.model.protocol.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.cheshire.model.protocol.StrictJson;
import io.cheshire.model.protocol.safetensors.SafetensorsException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Streams the JSON of a header into entries. Checks its form; what the numbers mean is checked by the caller. */
final class HeaderReader {
    /** A 16 MiB header has room for about a quarter of a million entries. */
    private static final int MAX_TENSORS = 1 << 18;

    private static final int MAX_RANK = 16;

    private final JsonParser json;
    private final List<TensorEntry> tensors = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private HeaderReader(final JsonParser json) {
        this.json = json;
    }

    static List<TensorEntry> read(final String text) {
        try (JsonParser json = StrictJson.factory().createParser(text)) {
            // Our own set of names tells a duplicate from other errors, and covers nested objects by field.
            json.disable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
            final HeaderReader reader = new HeaderReader(json);
            reader.readAll();
            return reader.tensors;
        } catch (final JsonProcessingException e) {
            throw bad("the header is not JSON as required: " + StrictJson.describe(e));
        } catch (final IOException e) {
            throw bad("the header cannot be read: " + e.getMessage());
        }
    }

    private void readAll() throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            final String name = json.currentName();
            if (!names.add(name)) {
                throw new SafetensorsException(Kind.DUPLICATE_NAME, "the header names " + name + " twice");
            }
            if (tensors.size() == MAX_TENSORS) {
                throw bad("the header lists more than " + MAX_TENSORS + " tensors");
            }
            if ("__metadata__".equals(name)) {
                readMetadata();
            } else {
                tensors.add(readEntry(name));
            }
        }
        if (json.nextToken() != null) {
            throw bad("something other than spaces follows the header's object");
        }
    }

    private void readMetadata() throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "__metadata__");
        final Set<String> keys = new HashSet<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            if (!keys.add(json.currentName())) {
                throw new SafetensorsException(
                        Kind.DUPLICATE_NAME, "__metadata__ names " + json.currentName() + " twice");
            }
            expect(json.nextToken(), JsonToken.VALUE_STRING, "__metadata__." + json.currentName());
        }
    }

    private TensorEntry readEntry(final String name) throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "tensor " + name);
        StoredDtype dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            final String field = json.currentName();
            switch (field) {
                case "dtype" -> dtype = once(dtype, readDtype(name), name, field);
                case "shape" -> shape = once(shape, readLongs(name, field, MAX_RANK), name, field);
                case "data_offsets" -> offsets = once(offsets, readLongs(name, field, 2), name, field);
                default -> throw bad("tensor " + name + " has an unknown field " + field);
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw bad("tensor " + name + " needs dtype, shape and two data_offsets");
        }
        return new TensorEntry(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private static <T> T once(final @Nullable T before, final T now, final String name, final String field) {
        if (before != null) {
            throw new SafetensorsException(Kind.DUPLICATE_NAME, "tensor " + name + " names " + field + " twice");
        }
        return now;
    }

    private StoredDtype readDtype(final String name) throws IOException {
        expect(json.nextToken(), JsonToken.VALUE_STRING, "dtype of tensor " + name);
        final StoredDtype dtype = StoredDtype.named(json.getText());
        if (dtype == null) {
            throw new SafetensorsException(
                    Kind.UNKNOWN_DTYPE, "tensor " + name + " has the unknown dtype " + json.getText());
        }
        return dtype;
    }

    private List<Long> readLongs(final String name, final String field, final int maxCount) throws IOException {
        expect(json.nextToken(), JsonToken.START_ARRAY, field + " of tensor " + name);
        final List<Long> values = new ArrayList<>(2);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, field + " of tensor " + name);
            if (values.size() == maxCount) {
                throw bad(field + " of tensor " + name + " has more than " + maxCount + " numbers");
            }
            values.add(readLong(name, field));
        }
        return values;
    }

    private long readLong(final String name, final String field) throws IOException {
        final boolean fits = json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        final long value = fits ? json.getLongValue() : -1;
        if (value >= 0) {
            return value;
        }
        final String what = field + " of tensor " + name + " holds " + json.getText();
        if (!fits && json.getBigIntegerValue().signum() > 0) {
            throw new SafetensorsException(Kind.VALIDATION_OVERFLOW, what + ", which does not fit 63 bits");
        }
        throw "shape".equals(field)
                ? bad(what + "; it must not be negative")
                : new SafetensorsException(Kind.INVALID_OFFSET, what + "; it must not be negative");
    }

    private static void expect(final @Nullable JsonToken found, final JsonToken wanted, final String what) {
        if (found != wanted) {
            throw bad(what + " must be " + describe(wanted));
        }
    }

    private static String describe(final JsonToken wanted) {
        return wanted == JsonToken.START_OBJECT
                ? "an object"
                : wanted == JsonToken.START_ARRAY
                        ? "a list"
                        : wanted == JsonToken.VALUE_STRING ? "a string" : "an integer";
    }

    private static SafetensorsException bad(final String message) {
        return new SafetensorsException(Kind.INVALID_HEADER_DESERIALIZATION, message);
    }
}

package io.cheshire.model.core.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Methods of {@code str}. */
final class StringMethods {
    @FunctionalInterface
    private interface Method {
        Object call(Text text, CallArgs args);
    }

    /** There in Python, not here. */
    private static final Set<String> OTHERS = Set.of("encode", "expandtabs", "format_map", "maketrans", "translate");

    /** What these give, or take, is escaped if the string is marked safe. */
    private static final Set<String> NOT_IF_SAFE =
            Set.of("center", "format", "join", "ljust", "partition", "replace", "rjust", "rpartition", "zfill");

    static final Set<String> NAMES = Set.of(
            "capitalize",
            "casefold",
            "center",
            "count",
            "endswith",
            "find",
            "format",
            "index",
            "isalnum",
            "isalpha",
            "isascii",
            "isdecimal",
            "isdigit",
            "isidentifier",
            "islower",
            "isnumeric",
            "isprintable",
            "isspace",
            "istitle",
            "isupper",
            "join",
            "ljust",
            "lower",
            "lstrip",
            "partition",
            "removeprefix",
            "removesuffix",
            "replace",
            "rfind",
            "rindex",
            "rjust",
            "rpartition",
            "rsplit",
            "rstrip",
            "split",
            "splitlines",
            "startswith",
            "strip",
            "swapcase",
            "title",
            "upper",
            "zfill");

    private final TextOps ops;
    private final Splits splits;
    private final Map<String, Method> methods;

    StringMethods(final Rendering rendering) {
        this.ops = new TextOps(rendering);
        this.splits = new Splits(rendering);
        this.methods = Map.ofEntries(
                Map.entry("capitalize", none(ops::capitalize)),
                Map.entry("casefold", none(ops::casefold)),
                Map.entry("lower", none(ops::lower)),
                Map.entry("upper", none(ops::upper)),
                Map.entry("swapcase", none(ops::swapcase)),
                Map.entry("title", none(ops::title)),
                Map.entry("isalnum", all(c -> Chars.isWord(c) && c != '_')),
                Map.entry("isalpha", all(Chars::isAlpha)),
                Map.entry("isdecimal", all(Chars::isDecimal)),
                Map.entry("isspace", all(Chars::isSpace)),
                Map.entry("isascii", none(text -> text.value().chars().allMatch(c -> c < 0x80))),
                Map.entry("isprintable", none(text -> text.value().codePoints().allMatch(Chars::isPrintable))),
                Map.entry("isdigit", all(Cases::isDigit)),
                Map.entry("isnumeric", all(Cases::isNumeric)),
                Map.entry("isidentifier", none(text -> Cases.isIdentifier(text.value()))),
                Map.entry("islower", none(text -> Cases.isLower(text.value()))),
                Map.entry("isupper", none(text -> Cases.isUpper(text.value()))),
                Map.entry("istitle", none(text -> Cases.isTitle(text.value()))),
                Map.entry("strip", (text, args) -> ops.strip(text, chars("strip", args), true, true)),
                Map.entry("lstrip", (text, args) -> ops.strip(text, chars("lstrip", args), true, false)),
                Map.entry("rstrip", (text, args) -> ops.strip(text, chars("rstrip", args), false, true)),
                Map.entry("center", (text, args) -> padded(text, args, "center")),
                Map.entry("ljust", (text, args) -> padded(text, args, "ljust")),
                Map.entry("rjust", (text, args) -> padded(text, args, "rjust")),
                Map.entry(
                        "zfill",
                        (text, args) -> ops.zeroFilled(
                                text, args.bind("zfill", 1, "/width").get(0))),
                Map.entry("startswith", (text, args) -> ops.affix(text, only("startswith", args), true)),
                Map.entry("endswith", (text, args) -> ops.affix(text, only("endswith", args), false)),
                Map.entry("find", (text, args) -> ops.find(text, only("find", args), false)),
                Map.entry("rfind", (text, args) -> ops.find(text, only("rfind", args), true)),
                Map.entry("index", (text, args) -> found(ops.find(text, only("index", args), false))),
                Map.entry("rindex", (text, args) -> found(ops.find(text, only("rindex", args), true))),
                Map.entry("count", (text, args) -> ops.count(text, only("count", args))),
                Map.entry("replace", this::replace),
                Map.entry("removeprefix", (text, args) -> {
                    final Text prefix =
                            TextOps.text(args.bind("removeprefix", 1, "/prefix").get(0));
                    return text.value().startsWith(prefix.value()) ? text.sub(prefix.units(), text.units()) : text;
                }),
                Map.entry("removesuffix", (text, args) -> {
                    final Text suffix =
                            TextOps.text(args.bind("removesuffix", 1, "/suffix").get(0));
                    final int end = text.units() - suffix.units();
                    return text.value().endsWith(suffix.value()) ? text.sub(0, end) : text;
                }),
                Map.entry("split", (text, args) -> splits.split(text, args.bind("split", 0, "sep", "maxsplit"), true)),
                Map.entry(
                        "rsplit", (text, args) -> splits.split(text, args.bind("rsplit", 0, "sep", "maxsplit"), false)),
                Map.entry(
                        "splitlines",
                        (text, args) -> ListValue.list(splits.lines(
                                text, args.bind("splitlines", 0, "keepends").isTrue(0, false)))),
                Map.entry(
                        "partition",
                        (text, args) -> splits.partition(
                                text,
                                TextOps.text(args.bind("partition", 1, "/sep").get(0)),
                                true)),
                Map.entry(
                        "rpartition",
                        (text, args) -> splits.partition(
                                text,
                                TextOps.text(args.bind("rpartition", 1, "/sep").get(0)),
                                false)),
                Map.entry(
                        "join",
                        (text, args) ->
                                ops.join(text, args.bind("join", 1, "/iterable").get(0), false)),
                Map.entry("format", ops::format));
    }

    /** The method of that name, or null. */
    @Nullable
    Object method(final Text text, final String name) {
        final Method method = methods.get(name);
        if (method == null) {
            if (OTHERS.contains(name)) {
                throw TemplateFault.unsupported("the method '" + name + "' of str");
            }
            return null;
        }
        return (Callable) args -> {
            if (text.isSafe() && NOT_IF_SAFE.contains(name)) {
                throw TemplateFault.unsupported("the method '" + name + "' of a string marked safe");
            }
            return method.call(text, args);
        };
    }

    private static Method none(final java.util.function.Function<Text, Object> method) {
        return (text, args) -> {
            if (args.size() > 0) {
                throw TemplateFault.failed("str method takes no arguments (" + args.size() + " given)");
            }
            return method.apply(text);
        };
    }

    private static Method all(final IntPredicate test) {
        return none(text -> !text.isEmpty() && text.value().codePoints().allMatch(test));
    }

    private static List<Object> only(final String name, final CallArgs args) {
        if (!args.named().isEmpty()) {
            throw TemplateFault.failed(name + "() takes no keyword arguments");
        }
        if (args.positional().isEmpty() || args.positional().size() > 3) {
            throw TemplateFault.failed(name + "() takes 1 to 3 arguments");
        }
        return args.positional();
    }

    private static Object chars(final String name, final CallArgs args) {
        return args.bind(name, 0, "/chars").get(0, None.NONE);
    }

    private Object padded(final Text text, final CallArgs args, final String how) {
        final CallArgs.Bound bound = args.bind(how, 1, "/width", "/fillchar");
        return ops.padded(text, bound.get(0), TextOps.text(bound.get(1, Text.of(" "))), how);
    }

    private static Object found(final long index) {
        if (index < 0) {
            throw TemplateFault.failed("substring not found");
        }
        return index;
    }

    private Object replace(final Text text, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("replace", 2, "/old", "/new", "/count");
        return ops.replace(
                text, TextOps.text(bound.get(0)), TextOps.text(bound.get(1)), Numbers.asLong(bound.get(2, -1L)));
    }
}

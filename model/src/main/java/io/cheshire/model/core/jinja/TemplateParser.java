package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja2's statements: those of chat templates. Tags that load other files or escape are refused by name. */
final class TemplateParser {
    /** Known to Jinja2, of no use here: a template that needs them is not a chat template. */
    private static final Set<String> OTHERS = Set.of("block", "extends", "include", "import", "from", "autoescape");

    private final TokenStream stream;
    private final ExpressionParser expressions;
    private int loops;

    private TemplateParser(final TokenStream stream) {
        this.stream = stream;
        this.expressions = new ExpressionParser(stream);
    }

    static List<Node> parse(final String template) {
        final TemplateParser parser = new TemplateParser(new TokenStream(Lexer.tokens(template)));
        return parser.body(Set.of(), "");
    }

    /** Statements up to a tag named in {@code ends}, which becomes the current token; to the end if there is none. */
    private List<Node> body(final Set<String> ends, final String opened) {
        stream.enter();
        final List<Node> nodes = new ArrayList<>();
        while (true) {
            final Token token = stream.next();
            switch (token.type()) {
                case DATA -> nodes.add(new Node.Data((Text) token.value()));
                case VARIABLE_BEGIN -> {
                    nodes.add(new Node.Print(expressions.tuple(true, null, false)));
                    stream.expect(Token.Type.VARIABLE_END);
                }
                case BLOCK_BEGIN -> {
                    final Token tag = stream.current();
                    if (tag.is(Token.Type.NAME) && ends.contains(tag.value())) {
                        stream.leave();
                        return nodes;
                    }
                    nodes.add(statement());
                    stream.expect(Token.Type.BLOCK_END);
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw TemplateFault.syntax(
                                token.line(), "unexpected end of template: the tag '" + opened + "' is not closed");
                    }
                    stream.leave();
                    return nodes;
                }
                default -> throw TemplateFault.syntax(token.line(), "unexpected '" + token.describe() + "'");
            }
        }
    }

    /** The body of a tag whose opening part has been read, with the closing tag. */
    private List<Node> bodyTo(final String end, final String opened) {
        final List<Node> nodes = openBody(Set.of(end), opened);
        stream.next();
        return nodes;
    }

    private List<Node> openBody(final Set<String> ends, final String opened) {
        stream.skipOperator(":");
        stream.expect(Token.Type.BLOCK_END);
        return body(ends, opened);
    }

    /** A body of its own function: break and continue do not reach out of it. */
    private List<Node> functionBody(final String end, final String opened) {
        final int outer = loops;
        loops = 0;
        final List<Node> nodes = bodyTo(end, opened);
        loops = outer;
        return nodes;
    }

    private Node statement() {
        if (!stream.current().is(Token.Type.NAME)) {
            throw stream.unexpected("tag name expected");
        }
        final int line = stream.line();
        final String tag = stream.expectName();
        return switch (tag) {
            case "for" -> loop();
            case "if" -> branches();
            case "set" -> set();
            case "with" -> with();
            case "print" -> print();
            case "macro" -> macro(line);
            case "call" -> call(line);
            case "filter" -> {
                final List<Expr.FilterCall> filters = expressions.operands().filterCalls(false);
                yield new Node.FilterBlock(filters, bodyTo("endfilter", tag));
            }
            case "generation" -> new Node.Generation(functionBody("endgeneration", tag));
            case "break", "continue" -> {
                if (loops == 0) {
                    throw TemplateFault.syntax(line, "'" + tag + "' outside loop");
                }
                yield tag.equals("break") ? new Node.Break() : new Node.Continue();
            }
            default -> {
                if (OTHERS.contains(tag)) {
                    throw TemplateFault.unsupported("the tag '" + tag + "' in line " + line);
                }
                throw TemplateFault.syntax(line, "unknown tag '" + tag + "'");
            }
        };
    }

    private Node loop() {
        final int line = stream.line();
        final Expr target = expressions.target("in", false);
        stream.expectName("in");
        final Expr iterable = expressions.tuple(false, "recursive", false);
        final Expr test = stream.skipName("if") ? expressions.expression() : null;
        final boolean recursive = stream.skipName("recursive");
        loops++;
        final List<Node> body = openBody(Set.of("endfor", "else"), "for");
        loops--;
        List<Node> otherwise = List.of();
        if (stream.expectName().equals("else")) {
            otherwise = bodyTo("endfor", "for");
        }
        if (Names.stored(target).contains("loop") || Names.stored(body).contains("loop")) {
            throw TemplateFault.syntax(line, "Can't assign to special loop variable in for-loop");
        }
        return new Node.For(target, iterable, test, recursive, body, otherwise);
    }

    private Node branches() {
        final List<Node.Branch> branches = new ArrayList<>();
        while (true) {
            final Expr test = expressions.tuple(false, null, false);
            branches.add(new Node.Branch(test, openBody(Set.of("elif", "else", "endif"), "if")));
            final String tag = stream.expectName();
            if (tag.equals("elif")) {
                continue;
            }
            return new Node.If(branches, tag.equals("else") ? bodyTo("endif", "if") : List.of());
        }
    }

    private Node set() {
        final Expr target = expressions.target(null, true);
        if (stream.skipOperator("=")) {
            return new Node.Set(target, expressions.tuple(true, null, false));
        }
        final List<Expr.FilterCall> filters = expressions.operands().filterCalls(true);
        return new Node.SetBlock(target, filters, bodyTo("endset", "set"));
    }

    private Node with() {
        final List<Expr> targets = new ArrayList<>();
        final List<Expr> values = new ArrayList<>();
        while (!stream.current().is(Token.Type.BLOCK_END)) {
            if (!targets.isEmpty()) {
                stream.expectOperator(",");
            }
            final int line = stream.line();
            targets.add(new Expr.Name(expressions.targetName(), line));
            stream.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Node.With(targets, values, bodyTo("endwith", "with"));
    }

    private Node print() {
        final List<Expr> values = new ArrayList<>();
        while (!stream.current().is(Token.Type.BLOCK_END)) {
            if (!values.isEmpty()) {
                stream.expectOperator(",");
            }
            values.add(expressions.expression());
        }
        return new Node.Print(values.size() == 1 ? values.get(0) : joined(values));
    }

    /** Several values of one print statement stand side by side. */
    private static Expr joined(final List<Expr> values) {
        return new Expr.Concat(values);
    }

    private Node macro(final int line) {
        final String name = expressions.targetName();
        final Signature head = signature();
        final List<Node> body = functionBody("endmacro", "macro");
        return new Node.Macro(name, head.with(body, line), body);
    }

    private Node call(final int line) {
        final Signature head = stream.current().isOperator("(") ? signature() : Signature.EMPTY;
        final Expr call = expressions.expression();
        if (!(call instanceof Expr.Call called)) {
            throw TemplateFault.syntax(line, "expected call");
        }
        final List<Node> body = functionBody("endcall", "call");
        return new Node.CallBlock(head.with(body, line), called, body);
    }

    /** The parameters in the parentheses, and their defaults. */
    private record Signature(List<String> parameters, List<Expr> defaults) {
        static final Signature EMPTY = new Signature(List.of(), List.of());

        Node.Signature with(final List<Node> body, final int line) {
            if (parameters.contains("caller") || parameters.contains("varargs") || parameters.contains("kwargs")) {
                throw TemplateFault.unsupported("a macro parameter named caller, varargs or kwargs in line " + line);
            }
            final Set<String> read = Names.read(body);
            return new Node.Signature(
                    parameters, defaults, read.contains("caller"), read.contains("varargs"), read.contains("kwargs"));
        }
    }

    private Signature signature() {
        final List<String> parameters = new ArrayList<>();
        final List<Expr> defaults = new ArrayList<>();
        stream.expectOperator("(");
        while (!stream.current().isOperator(")")) {
            if (!parameters.isEmpty()) {
                stream.expectOperator(",");
            }
            parameters.add(expressions.targetName());
            final @Nullable Expr value = stream.skipOperator("=") ? expressions.expression() : null;
            if (value != null) {
                defaults.add(value);
            } else if (!defaults.isEmpty()) {
                throw TemplateFault.syntax(stream.line(), "non-default argument follows default argument");
            }
        }
        stream.expectOperator(")");
        return new Signature(parameters, defaults);
    }
}

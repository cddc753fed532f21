package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of expressions. One rendering, one thread. */
final class Evaluator {
    private final Rendering rendering;
    private final Attributes attributes;
    private final Filters filters;
    private final Map<String, Object> globals;

    Evaluator(final Rendering rendering) {
        this.rendering = rendering;
        this.attributes = new Attributes(rendering);
        this.filters = new Filters(rendering, attributes);
        this.globals = new Globals(rendering).all();
    }

    Object value(final Expr expr, final Scope scope) {
        return switch (expr) {
            case Expr.Const constant -> constant.value();
            case Expr.Name name -> variable(name.name(), scope);
            case Expr.NamespaceRef _ -> throw new IllegalStateException("not a value");
            case Expr.ListOf list -> ListValue.list(values(list.items(), scope));
            case Expr.TupleOf tuple -> ListValue.tuple(values(tuple.items(), scope));
            case Expr.DictOf dict -> {
                rendering.budget().items(dict.keys().size());
                final DictValue result = new DictValue();
                for (int i = 0; i < dict.keys().size(); i++) {
                    final Object key = value(dict.keys().get(i), scope);
                    result.put(key, value(dict.values().get(i), scope));
                }
                yield result;
            }
            case Expr.Unary unary -> rendering.operators().signed(unary.operator(), value(unary.operand(), scope));
            case Expr.Binary binary -> {
                final Object left = value(binary.left(), scope);
                yield rendering.operators().apply(binary.operator(), left, value(binary.right(), scope));
            }
            case Expr.Concat concat -> {
                final TextBuilder out = rendering.builder();
                values(concat.parts(), scope).forEach(part -> out.add(rendering.str(part)));
                yield out.text();
            }
            case Expr.Compare compare -> compared(compare, scope);
            case Expr.And and -> {
                final Object left = value(and.left(), scope);
                yield Values.isTrue(left) ? value(and.right(), scope) : left;
            }
            case Expr.Or or -> {
                final Object left = value(or.left(), scope);
                yield Values.isTrue(left) ? left : value(or.right(), scope);
            }
            case Expr.Not not -> !Values.isTrue(value(not.operand(), scope));
            case Expr.Conditional conditional -> {
                if (Values.isTrue(value(conditional.test(), scope))) {
                    yield value(conditional.then(), scope);
                }
                yield conditional.otherwise() == null
                        ? new Undefined("the inline if-expression evaluated to false and no else section was defined")
                        : value(conditional.otherwise(), scope);
            }
            case Expr.Filter filter -> {
                final Object target = value(filter.target(), scope);
                yield filters.apply(
                        filter.call().name(), target, args(filter.call().args(), scope));
            }
            case Expr.Test test -> {
                final Object target = value(test.target(), scope);
                yield Tests.apply(test.name(), target, args(test.args(), scope), rendering);
            }
            case Expr.Call call -> {
                final Object callee = value(call.callee(), scope);
                yield called(callee, args(call.args(), scope));
            }
            case Expr.Attribute attribute -> attributes.attribute(value(attribute.target(), scope), attribute.name());
            case Expr.Item item -> {
                final Object target = value(item.target(), scope);
                yield item.index() instanceof Expr.Slice slice
                        ? sliced(target, slice, scope)
                        : attributes.item(target, value(item.index(), scope));
            }
            case Expr.Slice _ -> throw TemplateFault.unsupported("a slice within a tuple");
        };
    }

    private Object variable(final String name, final Scope scope) {
        final Object value = scope.find(name);
        if (value != null) {
            return value;
        }
        final Object global = globals.get(name);
        return global != null ? global : Undefined.name(name);
    }

    private List<Object> values(final List<Expr> exprs, final Scope scope) {
        rendering.budget().items(exprs.size());
        final List<Object> values = new ArrayList<>(exprs.size());
        for (final Expr expr : exprs) {
            values.add(value(expr, scope));
        }
        return values;
    }

    private Object compared(final Expr.Compare compare, final Scope scope) {
        Object left = value(compare.first(), scope);
        for (int i = 0; i < compare.operators().size(); i++) {
            final Object right = value(compare.others().get(i), scope);
            if (!holds(compare.operators().get(i), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    static boolean holds(final String operator, final Object left, final Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right);
            case "!=" -> !Values.equal(left, right);
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            case "<" -> Values.compare(left, right, operator) < 0;
            case "<=" -> Values.compare(left, right, operator) <= 0;
            case ">" -> Values.compare(left, right, operator) > 0;
            default -> Values.compare(left, right, operator) >= 0;
        };
    }

    private Object sliced(final Object target, final Expr.Slice slice, final Scope scope) {
        final Object start = slice.start() == null ? None.NONE : value(slice.start(), scope);
        final Object stop = slice.stop() == null ? None.NONE : value(slice.stop(), scope);
        final Object step = slice.step() == null ? None.NONE : value(slice.step(), scope);
        return attributes.slice(target, start, stop, step);
    }

    Object filtered(final List<Expr.FilterCall> calls, final Object start, final Scope scope) {
        Object value = start;
        for (final Expr.FilterCall call : calls) {
            value = filters.apply(call.name(), value, args(call.args(), scope));
        }
        return value;
    }

    /** The call of a call block. */
    Object call(final Expr.Call call, final Scope scope, final MacroValue caller) {
        final Object callee = value(call.callee(), scope);
        return called(callee, args(call.args(), scope).with("caller", caller));
    }

    private Object called(final Object callee, final CallArgs args) {
        rendering.budget().step();
        return switch (callee) {
            case Callable function -> function.call(args);
            case Undefined undefined -> throw undefined.fault();
            default -> throw TemplateFault.failed("'" + Values.typeName(callee) + "' object is not callable");
        };
    }

    private CallArgs args(final Expr.Args args, final Scope scope) {
        if (args.isEmpty()) {
            return CallArgs.NONE;
        }
        final List<Object> positional = new ArrayList<>(values(args.positional(), scope));
        final Map<String, Object> named = new LinkedHashMap<>();
        for (int i = 0; i < args.names().size(); i++) {
            if (named.put(args.names().get(i), value(args.named().get(i), scope)) != null) {
                throw TemplateFault.failed(
                        "keyword argument repeated: " + args.names().get(i));
            }
        }
        if (args.star() != null) {
            positional.addAll(Values.items(value(args.star(), scope), rendering.budget()));
        }
        if (args.stars() != null) {
            if (!(value(args.stars(), scope) instanceof DictValue dict)) {
                throw TemplateFault.failed("argument after ** must be a mapping");
            }
            for (final DictValue.Entry entry : dict.entries()) {
                if (!(entry.key() instanceof Text name) || named.put(name.value(), entry.value()) != null) {
                    throw TemplateFault.failed("keywords must be strings, each once");
                }
            }
        }
        return new CallArgs(positional, named);
    }
}

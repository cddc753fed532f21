package io.cheshire.model.core.jinja;

/**
 * A value that is not there: prints as nothing, is false, has no elements; anything else done with it is an error.
 *
 * @param reason what is said then
 */
record Undefined(String reason) {
    TemplateFault fault() {
        return TemplateFault.failed(reason);
    }

    static Undefined name(final String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(final Object owner, final String name) {
        if (owner == None.NONE) {
            return new Undefined("'None' has no attribute '" + name + "'");
        }
        return new Undefined("'" + Values.typeName(owner) + " object' has no attribute '" + name + "'");
    }

    static Undefined element(final Object owner, final Object index) {
        if (index instanceof Text text) {
            return attribute(owner, text.value());
        }
        return new Undefined(Values.typeName(owner) + " object has no element " + Printer.repr(index));
    }

    /** All undefined values are equal. */
    @Override
    public boolean equals(final Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}

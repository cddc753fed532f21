package io.cheshire.ops.runtime.cli;

/**
 * Adds a subcommand to {@code cheshire} from a module that this one may not depend on. Found by {@link
 * java.util.ServiceLoader} on the class path.
 */
public interface CommandProvider {
    /** A fresh command object, annotated for picocli. */
    Object command();
}

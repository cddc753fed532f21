package io.cheshire.http.runtime.console;

/**
 * Brings experiments to the console from a module that this one may not depend on. Found by {@link
 * java.util.ServiceLoader} on the class path.
 */
@FunctionalInterface
public interface LaboratoryProvider {
    /** Opens a laboratory for a router's console. */
    Laboratory open(LaboratorySite site);
}

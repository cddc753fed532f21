package io.cheshire.http.runtime.console;

/**
 * Brings a planner to the console from a module that this one may not depend on. Found by {@link
 * java.util.ServiceLoader} on the class path.
 */
@FunctionalInterface
public interface PlanDeskProvider {
    /**
     * Opens a desk for a router's console.
     *
     * @throws PlanDeskRefused the site's plan can't be used, and why
     */
    PlanDesk open(PlanDeskSite site);
}

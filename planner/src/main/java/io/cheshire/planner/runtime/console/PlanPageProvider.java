package io.cheshire.planner.runtime.console;

import io.cheshire.http.runtime.console.PlanDesk;
import io.cheshire.http.runtime.console.PlanDeskProvider;
import io.cheshire.http.runtime.console.PlanDeskSite;

/** Brings the planner to the console. */
public final class PlanPageProvider implements PlanDeskProvider {
    @Override
    public PlanDesk open(final PlanDeskSite site) {
        return PlanPage.open(site);
    }
}

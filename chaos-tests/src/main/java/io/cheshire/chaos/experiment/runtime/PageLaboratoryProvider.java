package io.cheshire.chaos.experiment.runtime;

import io.cheshire.http.runtime.console.Laboratory;
import io.cheshire.http.runtime.console.LaboratoryProvider;
import io.cheshire.http.runtime.console.LaboratorySite;

/** Brings experiments to the console. */
public final class PageLaboratoryProvider implements LaboratoryProvider {
    @Override
    public Laboratory open(final LaboratorySite site) {
        return new PageLaboratory(site);
    }
}

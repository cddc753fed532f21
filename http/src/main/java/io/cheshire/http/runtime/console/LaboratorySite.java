package io.cheshire.http.runtime.console;

import org.jspecify.annotations.Nullable;

/**
 * The cluster that a laboratory may hurt, through its own listeners and what an operator may ask there.
 *
 * @param api    address of this router's API
 * @param apiKey one of its keys, or null where it asks for none
 * @param ops    address of this process's operations listener
 * @param opsKey its key, or null where it asks for none
 */
public record LaboratorySite(
        String api,
        @Nullable String apiKey,
        String ops,
        @Nullable String opsKey) {
    /** Without keys, which belong in no log. */
    @Override
    public String toString() {
        return "LaboratorySite[api=" + api + ", ops=" + ops + "]";
    }
}

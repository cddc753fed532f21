package io.cheshire.planner.core.events;

/**
 * What came to a station, what left it, and how long it stayed. Little's law is exact once a station is empty: the area
 * under the number present equals the sum of all stays. Times are whole nanoseconds, so equal means equal.
 */
public final class StationBook {
    private final String name;
    private long present;
    private long arrivals;
    private long departures;
    private long changedNs;
    private long areaNs;
    private long stayNs;

    public StationBook(final String name) {
        this.name = name;
    }

    /** Somebody comes. */
    public void arrive(final long nowNs) {
        advance(nowNs);
        present++;
        arrivals++;
    }

    /** Somebody who came at a time goes. */
    public void depart(final long nowNs, final long cameNs) {
        advance(nowNs);
        present--;
        departures++;
        stayNs += nowNs - cameNs;
        if (present < 0) {
            throw new IllegalStateException(name + ": more left than came");
        }
    }

    private void advance(final long nowNs) {
        areaNs += present * (nowNs - changedNs);
        changedNs = nowNs;
    }

    /** Who is there. */
    public long present() {
        return present;
    }

    public long arrivals() {
        return arrivals;
    }

    public double meanStayNs() {
        return departures == 0 ? 0 : (double) stayNs / departures;
    }

    /** Mean number present until a time. */
    public double meanPresent(final long untilNs) {
        return untilNs == 0 ? 0 : (double) (areaNs + present * (untilNs - changedNs)) / untilNs;
    }

    /** Demands Little's law of a station that is empty again. */
    public void demandLittle() {
        if (present != 0 || arrivals != departures) {
            throw new IllegalStateException(name + ": " + arrivals + " came and " + departures + " left");
        }
        if (areaNs != stayNs) {
            throw new IllegalStateException(
                    name + ": Little's law fails: " + areaNs + " ns present, " + stayNs + " ns of stays");
        }
    }
}

package io.cheshire.chaos.experiment.core;

/** How a report's page looks, by day and by night. */
public final class PageStyle {
    public static final String CSS = """
            :root { color-scheme: light dark; --bg: #fff; --fg: #1c2024; --dim: #60676e; --line: #d9dde1;
              --soft: #f4f6f8; --good: #18794e; --bad: #ca2a30; --warn: #ad5700; --fault: #f5a524; --rate: #3b72d9;
              --whole: #18794e; --pub: #7a4fd0; }
            @media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e6e9ec; --dim: #99a1a9;
              --line: #343a40; --soft: #1d2125; --good: #4cc38a; --bad: #ff6369; --warn: #ffa116; --fault: #b97a10;
              --rate: #6ea0ff; --whole: #4cc38a; --pub: #b494ff; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--bg); color: var(--fg);
              font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
            main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; }
            h1 { font-size: 26px; line-height: 1.2; margin: 10px 0 4px; }
            h2 { font-size: 16px; margin: 34px 0 8px; }
            .about { margin: 0; color: var(--dim); }
            .verdict { display: inline-block; margin: 0; padding: 3px 14px; border-radius: 999px; font-weight: 700;
              color: var(--bg); }
            .held { background: var(--good); } .not { background: var(--bad); } .aborted { background: var(--warn); }
            .why { margin: 12px 0 0; padding: 10px 14px; border-left: 4px solid var(--bad); background: var(--soft); }
            table { width: 100%; border-collapse: collapse; font-size: 14px; }
            th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line);
              vertical-align: top; font-weight: 400; }
            thead th { color: var(--dim); font-size: 12px; }
            .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
            .claims { margin-top: 20px; } .claims tbody th { font-weight: 600; white-space: nowrap; }
            .claims td:first-child { white-space: nowrap; font-weight: 600; }
            .yes td:first-child { color: var(--good); } .no td:first-child { color: var(--bad); }
            .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 10px;
              margin-top: 22px; }
            .tiles div { background: var(--soft); border-radius: 8px; padding: 10px 14px; display: flex;
              flex-direction: column; }
            .tiles span, .tiles small, .legend { color: var(--dim); font-size: 12.5px; }
            .tiles b { font-size: 22px; line-height: 1.3; }
            svg { display: block; width: 100%; height: auto; overflow: visible; }
            svg text { font-size: 11px; fill: var(--dim); }
            svg .mid { text-anchor: middle; } svg .back { text-anchor: end; }
            svg .caption { fill: var(--warn); font-size: 11.5px; font-weight: 600; }
            .grid { stroke: var(--line); stroke-width: 1; } .end { stroke: var(--dim); stroke-dasharray: 1 3; }
            .level { stroke: var(--fg); stroke-dasharray: 5 4; stroke-width: 1; opacity: .7; }
            .fault { fill: var(--fault); opacity: .2; } .instant { fill: var(--bad); opacity: .75; }
            .rate { fill: var(--rate); fill-opacity: .3; stroke: var(--rate); stroke-width: 1.3; }
            .points { stroke: var(--rate); stroke-width: 3.4; stroke-linecap: round; stroke-opacity: .55; fill: none; }
            .cross { stroke: var(--bad); stroke-width: 2; fill: none; }
            .detected { fill: var(--warn); } .published { fill: var(--pub); } .whole { fill: var(--whole); }
            .same { fill: var(--rate); opacity: .8; } .altered { fill: var(--bad); }
            .broken { fill: none; stroke: var(--bad); stroke-width: 1.2; }
            .wait { stroke: var(--bad); stroke-width: 1.2; stroke-dasharray: 2 2; }
            .legend { margin: 6px 0 0; } .legend .k { display: inline-block; width: 14px; height: 10px;
              margin: 0 5px 0 14px; } .legend .k:first-child { margin-left: 0; } .legend .s { margin: 0 4px 0 14px; }
            .kf { background: var(--fault); opacity: .4; } .ki { background: var(--bad); width: 4px !important; }
            .ke { border-left: 2px dotted var(--dim); width: 4px !important; } .ks { background: var(--rate); }
            .ka { background: var(--bad); } .kb { border: 1.5px solid var(--bad); }
            .kw { border-top: 2px dashed var(--bad); height: 2px !important; vertical-align: middle; }
            .sd { color: var(--warn); } .sp { color: var(--pub); } .sw { color: var(--whole); }
            .sx { color: var(--bad); }
            .mfault td { font-weight: 600; } .mdetected td:nth-child(2) { color: var(--warn); }
            .mwhole td { color: var(--good); font-weight: 600; }
            pre { background: var(--soft); padding: 10px 14px; border-radius: 8px; overflow-x: auto; font-size: 13px; }
            """;

    private PageStyle() {}
}

// The plan in force beside what is measured: what was promised of this load, what is so, and what no longer holds.

import { html, useEffect, useRef, useState } from './lib/htm-preact.js';
import uPlot from './lib/uplot.js';
import { get } from './live.js';
import { Bar, style, themeNumber } from './charts.js';
import { Empty, Panel } from './base.js';
import { NoPlanner } from './planner.js';
import { bytes, clock, isKnown, NONE, num, percent, seconds } from './format.js';

const POLL_MS = 2000;
const NAMES = {
  TOO_SOON: ['too soon to judge', 'busy'],
  TOO_FEW: ['too few requests to judge', 'busy'],
  HOLDS: ['the plan holds', 'good'],
  BROKEN: ['the plan no longer holds', 'bad'],
};

function useActual() {
  const [state, setState] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    let timer = null;
    let over = false;
    const look = async () => {
      try {
        if (!document.hidden || !state) {
          const now = await get('/admin/v1/plan/actual');
          if (!over) setState(now);
          setProblem(null);
        }
      } catch (failure) {
        if (!over) setProblem(failure);
      }
      if (!over) timer = setTimeout(look, POLL_MS);
    };
    // Asked first, so that a build without a planner says so without an error.
    get('/admin/v1/plan').then(
      (catalogue) => (catalogue.available ? look() : !over && setState({ none: true })),
      (failure) => !over && setProblem(failure),
    );
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return [state, problem];
}

export function PlanActual() {
  const [state, problem] = useActual();
  if (problem) return html`<p class="banner bad" role="alert">${problem.message}</p>`;
  if (!state) return html`<${Empty}>Asking the planner …<//>`;
  if (state.none) return html`<${NoPlanner} />`;
  if (!state.inForce) return html`<${NoPlan} />`;
  if (!state.now) return html`<${Empty}>The first look is under way …<//>`;
  return html`<${Shown} state=${state} />`;
}

function NoPlan() {
  return html`<${Panel} title="No plan is in force" id="noplan" wide json="/admin/v1/plan/actual">
    <p>Start the router with the plan that its cluster was built by, and this page holds what is measured against it:</p>
    <pre class="mono">cheshire.plan.file = plan.conf</pre>
    <p class="note">From outside does the same:<span class="mono"> ./cheshire plan watch plan.conf --ops URL</span>.
      A plan is made on the page <a href="#/planner">Planner</a>.</p><//>`;
}

const ms = (v) => seconds(isKnown(v) ? v / 1e3 : null);
/** A small part with as many digits as it needs. */
const share = (v) => percent(v, v > 0 && v < 0.01 ? 2 : v < 0.1 ? 1 : 0);

/** Measured, planned, and the interval of what is predicted for the load that there is. Gaps stay gaps. */
function BandChart({ times, of, format, label, top }) {
  const box = useRef(null);
  const plot = useRef(null);
  const data = () => {
    const end = Math.max(0, ...[...(of.actual ?? []), ...(of.planned ?? []), ...(of.low ?? [])].filter(isKnown));
    const cut = (values) => (values ?? times.map(() => null)).map((v) => (isKnown(v) ? v : null));
    // An upper end that is without end is drawn as far as the chart goes.
    const high = of.high && of.high.map((v) => (isKnown(v) ? v : end * 4));
    return [
      times.map((t) => t / 1e3),
      cut(of.low),
      high ? high.map((v) => Math.min(v, Math.max(end * 1.6, 1e-9))) : cut(null),
      cut(of.planned),
      cut(of.knee),
      cut(of.actual),
    ];
  };
  const theme = themeNumber();
  useEffect(() => {
    const element = box.current;
    const axis = (size, show) => ({
      stroke: style('--muted'),
      grid: { stroke: style('--grid'), width: 1 },
      ticks: { show: false },
      font: '11px ' + style('--font'),
      size,
      gap: 4,
      space: size > 30 ? 28 : 70,
      values: (u, ticks) => ticks.map((tick) => show(tick)),
    });
    const none = { points: { show: false }, spanGaps: false };
    plot.current = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height: 150,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: { range: (u, low, high) => [0, top ?? (high > 0 ? high * 1.08 : 1)] } },
        axes: [axis(22, (v) => clock(v * 1e3).slice(0, 8)), axis(58, format)],
        padding: [8, 10, 0, 0],
        series: [
          {},
          { ...none, stroke: 'transparent' },
          { ...none, stroke: 'transparent' },
          { ...none, stroke: style('--line1'), width: 1.5, dash: [6, 3] },
          // A knee far above is left above the chart.
          { ...none, stroke: style('--line7'), width: 1.5, dash: [2, 3], auto: false },
          { ...none, stroke: style('--line0'), width: 2 },
        ],
        bands: [{ series: [2, 1], fill: style('--accent-soft') }],
      },
      data(),
      element,
    );
    const observer = new ResizeObserver(() =>
      plot.current.setSize({ width: Math.max(120, element.clientWidth), height: 150 }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current.destroy();
    };
  }, [theme]);
  useEffect(() => plot.current?.setData(data()), [times.at(-1)]);
  const last = (values) => (values ?? []).at(-1);
  return html`<div ref=${box} role="img" aria-label=${label + ': ' + format(last(of.actual)) + ', planned ' +
    format(last(of.planned))}></div>
    <p class="legend"><span><svg width="16" height="8" aria-hidden="true"><line x1="0" y1="4" x2="16" y2="4"
      class="ink0" stroke-width="2.5" /></svg> measured ${format(last(of.actual))}</span>
      <span><svg width="16" height="8" aria-hidden="true"><line x1="0" y1="4" x2="16" y2="4" class="ink1"
      stroke-width="2.5" stroke-dasharray="6 3" /></svg> planned ${format(last(of.planned))}</span>
      ${of.knee && html`<span><svg width="16" height="8" aria-hidden="true"><line x1="0" y1="4" x2="16" y2="4"
        class="ink7" stroke-width="2.5" stroke-dasharray="2 3" /></svg> knee ${format(last(of.knee))}</span>`}
      ${of.low && html`<span class="key bandkey">predicted for this load</span>`}</p>`;
}

const CHARTS = [
  ['rate', 'Requests a second', num],
  ['ttft_p95', 'Time to the first token, p95', ms],
  ['itl_mean', 'Between two tokens, mean', ms],
  ['busy', 'The busiest node computes', share],
  ['balancedness', 'Balancedness of the nodes', percent, 1],
  ['kv', 'KV cache in use', share],
];

function Shown({ state }) {
  const { now, series, timesMs, compared } = state;
  const [words, tone] = NAMES[now.verdict] ?? [now.verdict, ''];
  const broken = now.assumptions.filter((a) => !a.holds);
  return html`<div class="grid actual">
    <${Panel} title="Does the plan hold?" id="holds" json="/admin/v1/plan/actual"
      note=${'a look every ' + state.everySeconds + ' s; ' + state.fleet}
      promql="min by (assumption) (cheshire_plan_assumption_holds) == 0">
      <p id="compared">This router’s figures against its part of <b>${compared.plan}</b> (${compared.model}; ${compared.load}).
        Costs: nodes ${compared.nodes}; routers ${compared.routers}.
        ${compared.assumed && html` <span class="badge warn">planned by a data sheet</span>`}</p>
      <p class=${'answer ' + tone} data-verdict=${now.verdict}>${words}</p>
      ${broken.length > 0 && html`<ul class="plainlist" id="broken">${broken.map(
        (a) => html`<li class="bad">${a.words}</li>`,
      )}</ul>`}
      ${!now.assumptions.length && html`<p class="why">${now.words}</p>`}
      ${now.assumptions.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Assumptions"><table>
        <thead><tr><th>Assumption</th><th class="right">Planned</th><th class="right">Holds from</th>
        <th class="right">to</th><th class="right">Measured</th><th></th></tr></thead><tbody>${now.assumptions.map(
          (a) => html`<tr><td>${a.name}</td><td class="right">${num(a.planned)}</td><td class="right">${num(a.low)}</td>
          <td class="right">${num(a.high)}</td><td class="right">${num(a.actual)}</td>
          <td class=${a.holds ? 'good' : 'bad'}>${a.holds ? 'holds' : 'broken'}</td></tr>`,
        )}</tbody></table></div>
        <p class="note">times in ms, that of a row in µs</p>`}<//>
    ${CHARTS.map(([id, title, format, top]) => html`<${Panel} title=${title} id=${id} json="/admin/v1/plan/actual">
      <${BandChart} times=${timesMs} of=${series[id]} format=${format} label=${title} top=${top} /><//>`)}
    <${Panel} title="Nodes" id="plannodes" wide json="/admin/v1/plan/actual">
      <div class="scroll" tabindex="0" role="region" aria-label="Nodes"><table><thead><tr><th>Node</th><th>Computes</th>
      <th class="right">Planned, the busiest</th><th class="right">Weights</th><th class="right">Planned</th></tr></thead>
      <tbody>${state.nodes.map((n) => html`<tr><td><a href=${'#/nodes?node=' + n.node}>node ${n.node}</a></td>
        <td><span class="withbar"><${Bar} part=${n.busy} label=${'computes ' + percent(n.busy)}
          tone=${n.busy > n.planned_busy * 1.25 ? 'warn' : ''} />${share(n.busy)}</span></td>
        <td class="right">${share(n.planned_busy)}</td>
        <td class="right">${isKnown(n.weight_bytes) ? bytes(n.weight_bytes) : NONE}</td>
        <td class="right">${bytes(Math.round(n.planned_weight_bytes))}</td></tr>`)}</tbody></table></div><//>
    <${Panel} title="What nobody measured" id="assumed" wide>
      <ul class="plainlist">${state.assumed.map((line) => html`<li>${line}</li>`)}</ul><//>
  </div>`;
}

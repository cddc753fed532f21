// A simulated run of the form's first fleet: how long requests take, how busy devices are, which experts have the rows.

import { html, useState } from './lib/htm-preact.js';
import { post } from './live.js';
import { HeatMap } from './charts.js';
import { Empty, Panel, showText } from './base.js';
import { toBody } from './planform.js';
import { isKnown, num, percent, seconds } from './format.js';

const WIDTH = 640;
const HEIGHT = 230;
const LEFT = 46;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];
const KINDS = [
  ['ttft', 'TTFT', 0],
  ['itl', 'ITL', 1],
  ['e2e', 'until the end', 2],
];

/** Asks for a run; what is shown stays until the next one, and says when the form has moved on. */
export function Simulation({ form, base }) {
  const [state, setState] = useState({ run: null, of: '', problem: '', busy: false });
  const body = toBody(form, base);
  const now = JSON.stringify(body);
  const simulate = async () => {
    setState((before) => ({ ...before, problem: '', busy: true }));
    try {
      const { simulated, words, fleet, load } = await post('/admin/v1/plan/simulate', body);
      setState({ run: { ...simulated, words, fleet, load }, of: now, problem: '', busy: false });
    } catch (failure) {
      setState((before) => ({ ...before, problem: failure.message, busy: false }));
    }
  };
  const { run, problem, busy } = state;
  return html`<${Panel} title="Simulated" id="simulated" wide note="every message of one cluster, some seconds of a core"
    actions=${html`${run && html`<button type="button" class="json" onClick=${() =>
      showText('Run as JSON', JSON.stringify(run, null, 1))}>JSON</button>`}
      <button type="button" id="simulate" disabled=${busy} onClick=${simulate}>${busy ? 'Simulating …' : 'Simulate'}</button>`}>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${run ? html`<${Run} run=${run} old=${state.of !== now} />` : !problem && html`<${Empty}>Nothing was simulated yet.<//>`}<//>`;
}

function Run({ run, old }) {
  const { use, expert_rows: rows } = run;
  return html`<p>${run.words}. ${run.fleet}; ${run.load}.${old && html` <span class="badge warn">the form has changed since</span>`}</p>
    <div class="pair"><section><h3>How many were at most so long</h3><${CdfChart} cdf=${run.cdf} />
      <${AsTable} label="Times by share of all" head=${['of all', ...KINDS.map(([, text]) => text)]}
        rows=${SHARES.map((share) => [percent(share), ...KINDS.map(([id]) => time(at(run.cdf[id], share)))])} /></section>
    <section><h3>How busy devices were</h3>${use && html`<${UseMap} use=${use} />`}</section></div>
    ${rows?.length > 0 && html`<h3>Rows by layer and expert <span class="note">of a mean one of the layer</span></h3>
      <${RowsMap} rows=${rows} />`}`;
}

const time = (v) => (isKnown(v) ? seconds(v / 1e3) : '–');
const at = (points, share) => points.find(([part]) => part >= share)?.[1];

/** The figures of a picture, for those who read instead of look. */
function AsTable({ label, head, rows }) {
  return html`<details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table><thead><tr>${head.map((text, i) => html`<th class=${i ? 'right' : ''}>${text}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((text, i) => html`<td class=${i ? 'right' : ''}>${text}</td>`)}</tr>`)}
    </tbody></table></div></details>`;
}

/** Distributions over the logarithm of time. */
function CdfChart({ cdf }) {
  const all = KINDS.flatMap(([id]) => cdf[id].map(([, v]) => Math.max(v, 1e-3)));
  if (!all.length) return html`<p class="empty">No request had a token.</p>`;
  const from = Math.floor(Math.log10(Math.min(...all)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...all))));
  const x = (v) => LEFT + ((WIDTH - LEFT - RIGHT) * (Math.log10(Math.max(v, 1e-3)) - from)) / (to - from);
  const y = (share) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
  const powers = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return html`<svg class="runchart" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img"
      aria-label="Shares of all requests and tokens by time; in a table below">
    ${[0, 0.25, 0.5, 0.75, 1].map((p) => html`<line class="gridline" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(p)} y2=${y(p)} />
      <text class="ticktext end" x=${LEFT - 6} y=${y(p) + 4}>${percent(p)}</text>`)}
    ${powers.map((v, i) => html`<line class="gridline" x1=${x(v)} x2=${x(v)} y1=${TOP} y2=${HEIGHT - BOTTOM} />
      <text class=${'ticktext ' + (i === powers.length - 1 ? 'end' : 'mid')} x=${x(v)} y=${HEIGHT - 8}>${seconds(v / 1e3)}</text>`)}
    ${KINDS.map(([id, text, ink]) => html`<polyline class=${'lineof ink' + ink} points=${cdf[id]
      .map(([share, v]) => x(v).toFixed(1) + ',' + y(share).toFixed(1))
      .join(' ')}><title>${text}</title></polyline>`)}
  </svg>
  <p class="legend" aria-hidden="true">${KINDS.map(([, text, ink]) => html`<span><svg width="16" height="8"><line
    x1="0" y1="4" x2="16" y2="4" class=${'ink' + ink} stroke-width="2.5" /></svg> ${text}</span>`)}</p>`;
}

function UseMap({ use }) {
  const { devices, bin_seconds: bin } = use;
  const mean = (busy) => busy.reduce((a, b) => a + b, 0) / Math.max(1, busy.length);
  return html`<${HeatMap} columns=${devices[0].busy.length} rows=${devices.length} cell=${14} from=${0} to=${1}
      value=${(c, r) => devices[r].busy[c]} format=${percent}
      describe=${(c, r) => devices[r].name + ', ' + seconds(c * bin) + ': ' + percent(devices[r].busy[c]) + ' busy'}
      label="How busy each device was over time; in a table below" columnTitle=${'time, ' + seconds(bin) + ' each'}
      rowTitle="nodes, then routers" />
    <${AsTable} label="How busy devices were" head=${['device', 'busy', 'busiest ' + seconds(bin)]}
      rows=${devices.map((d) => [d.name, percent(mean(d.busy), 1), percent(Math.max(0, ...d.busy))])} />`;
}

function RowsMap({ rows }) {
  const ofMean = (r, c) => {
    const sum = rows[r].reduce((a, b) => a + b, 0);
    return sum ? (rows[r][c] * rows[r].length) / sum : null;
  };
  const most = (r) => rows[r].indexOf(Math.max(...rows[r]));
  return html`<${HeatMap} columns=${rows[0].length} rows=${rows.length} cell=${14} from=${0}
      value=${(c, r) => ofMean(r, c)} format=${percent}
      describe=${(c, r) => 'layer ' + r + ', expert ' + c + ': ' + num(rows[r][c]) + ' rows, ' + percent(ofMean(r, c))}
      label="Rows by layer and expert; in a table below" columnTitle="expert" rowTitle="layer" />
    <${AsTable} label="Rows of experts" head=${['layer', 'rows', 'busiest expert', 'of a mean one']}
      rows=${rows.map((own, r) => [r, num(own.reduce((a, b) => a + b, 0)), most(r), percent(ofMean(r, most(r)))])} />`;
}

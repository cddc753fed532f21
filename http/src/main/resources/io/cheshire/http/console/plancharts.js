// Pictures of an answer: rising rates, the front, a token's time, memory, a failure. All SVG, no canvas.

import { html } from './lib/htm-preact.js';
import { bytes, isKnown, num, percent, seconds, span } from './format.js';

const WIDTH = 640;
const LEFT = 58;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;

export const fleetWords = (f) =>
  (f.cells > 1 ? f.cells + ' × ' : '') +
  f.nodes +
  (f.spares ? ' + ' + f.spares : '') +
  ' nodes, ' +
  f.replicas +
  (f.replicas === 1 ? ' copy, ' : ' copies, ') +
  f.routers +
  (f.routers === 1 ? ' router' : ' routers');

function niceTop(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 3, 5, 7.5, 10].map((n) => n * power).find((n) => n >= most);
}

function Axes({ x, y, xTop, yTop, height, xFormat, yFormat, label }) {
  const parts = [0, 0.25, 0.5, 0.75, 1];
  return html`${parts.map((p) => html`<line class="gridline" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(p * yTop)}
      y2=${y(p * yTop)} /><text class="ticktext end" x=${LEFT - 6} y=${y(p * yTop) + 4}>${yFormat(p * yTop)}</text>`)}
    ${parts.map((p) => html`<text class=${'ticktext ' + (p === 1 ? 'end' : 'mid')} x=${x(p * xTop)}
      y=${height - 8}>${xFormat(p * xTop)}</text>`)}
    <text class="ticktext" x=${LEFT + 6} y=${TOP + 8}>${label}</text>`;
}

const LINES = [
  ['ttft_p95_ms', 'mid', 'TTFT p95', 0],
  ['ttft_p50_ms', null, 'TTFT p50', 2],
  ['itl_p99_ms', 'mid', 'ITL p99', 1],
];

const TONES = { STABLE: 'good', BACKLOGGED: 'warn', OVERLOADED: 'bad' };

/** TTFT and ITL over rising rates: where they leave the ground is the knee. */
export function SweepChart({ sweep, chosen }) {
  const height = 230;
  const rows = sweep.filter((r) => r.state !== 'OVERLOADED');
  const value = (r, [name, part]) => (part ? r[name]?.[part] : r[name]);
  const all = rows.flatMap((r) => LINES.map((line) => value(r, line))).filter(isKnown);
  if (!all.length) return html`<p class="empty">It carries nothing.</p>`;
  const xTop = niceTop(Math.max(...sweep.map((r) => r.requests_per_second)));
  // A time that grows without end would press all others to the ground.
  const sorted = [...all].sort((a, b) => a - b);
  const yTop = niceTop(Math.min(sorted.at(-1), 4 * sorted[Math.floor(sorted.length * 0.7)]));
  const x = (v) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.min(v, xTop)) / xTop;
  const y = (v) => height - BOTTOM - ((height - TOP - BOTTOM) * Math.min(v, yTop)) / yTop;
  const regions = [];
  sweep.forEach((r, i) => {
    const from = i ? (sweep[i - 1].requests_per_second + r.requests_per_second) / 2 : 0;
    const to = i + 1 < sweep.length ? (sweep[i + 1].requests_per_second + r.requests_per_second) / 2 : xTop;
    if (regions.at(-1)?.state === r.state) regions.at(-1).to = to;
    else regions.push({ state: r.state, from, to });
  });
  return html`<svg class="runchart" viewBox=${`0 0 ${WIDTH} ${height}`} role="img"
    aria-label=${'Times over the rate; knee at ' + num(chosen.knee.mid) + ' requests a second'}>
    ${regions.map((r) => html`<rect class=${'region ' + TONES[r.state]} x=${x(r.from)} y=${TOP}
      width=${Math.max(0, x(r.to) - x(r.from))} height=${height - TOP - BOTTOM}><title>${r.state}</title></rect>
      ${x(r.to) - x(r.from) > 84 && html`<text class="ticktext" x=${x(r.from) + 8} y=${TOP + 12}>${r.state}</text>`}`)}
    <${Axes} x=${x} y=${y} xTop=${xTop} yTop=${yTop} height=${height} xFormat=${num}
      yFormat=${(ms) => seconds(ms / 1e3)} label="" />
    ${LINES.map((line) => html`<polyline class=${'lineof ink' + line[3]} points=${rows
      .filter((r) => isKnown(value(r, line)))
      .map((r) => x(r.requests_per_second).toFixed(1) + ',' + y(value(r, line)).toFixed(1))
      .join(' ')} />`)}
    ${isKnown(chosen.knee.mid) && html`<line class="knee" x1=${x(chosen.knee.mid)} x2=${x(chosen.knee.mid)} y1=${TOP}
      y2=${height - BOTTOM}><title>knee, ${num(chosen.knee.mid)} a second</title></line>`}
    <line class="asked" x1=${x(chosen.requests_per_second)} x2=${x(chosen.requests_per_second)} y1=${TOP}
      y2=${height - BOTTOM}><title>asked, ${num(chosen.requests_per_second)} a second</title></line>
  </svg>
  <p class="legend" aria-hidden="true">${LINES.map(([, , text, ink]) => html`<span><svg width="16" height="8"><line
    x1="0" y1="4" x2="16" y2="4" class=${'ink' + ink} stroke-width="2.5" /></svg> ${text}</span>`)}
    <span class="key kneekey">knee</span><span class="key askedkey">asked</span></p>`;
}

/** Tokens a node against tokens a user: what no other fleet beats in both. */
export function ParetoChart({ front, output }) {
  const height = 220;
  const points = front
    .map((c) => ({
      c,
      user: 1e3 / c.itl_mean_ms.mid,
      node: (c.requests_per_second * output) / (c.fleet.cells * (c.fleet.nodes + c.fleet.spares)),
    }))
    .filter((p) => isKnown(p.user) && isKnown(p.node));
  if (!points.length) return html`<p class="empty">No fleet carries this load.</p>`;
  const xTop = niceTop(Math.max(...points.map((p) => p.user)) * 1.05);
  const yTop = niceTop(Math.max(...points.map((p) => p.node)) * 1.05);
  const x = (v) => LEFT + ((WIDTH - LEFT - RIGHT) * v) / xTop;
  const y = (v) => height - BOTTOM - ((height - TOP - BOTTOM) * v) / yTop;
  return html`<svg class="runchart" viewBox=${`0 0 ${WIDTH} ${height}`} role="img"
    aria-label=${points.length + ' fleets that no other beats both in tokens a node and tokens a user'}>
    <${Axes} x=${x} y=${y} xTop=${xTop} yTop=${yTop} height=${height} xFormat=${num} yFormat=${num}
      label="↑ tokens a second a node, → a user" />
    <polyline class="lineof ink0" points=${points.map((p) => x(p.user) + ',' + y(p.node)).join(' ')} />
    ${points.map((p) => html`<circle class=${p.c.keeps ? 'point good' : 'point warn'} cx=${x(p.user)} cy=${y(p.node)}
      r="5"><title>${fleetWords(p.c.fleet)}${p.c.keeps ? '' : ' (misses a promise)'}</title></circle>`)}
  </svg>`;
}

/** Parts one under the other, each beginning where the one before ends. */
export function Waterfall({ parts }) {
  const all = parts.reduce((sum, p) => sum + (p.ms ?? 0), 0);
  let begun = 0;
  return html`<ul class="waterfall" aria-label=${'A step of ' + seconds(all / 1e3)}>${parts
    .filter((p) => p.ms > all * 0.0005)
    .map((p, at) => {
      const from = begun;
      begun += p.ms;
      return html`<li><span class="what">${p.part}</span><span class="track"><i class=${'fill' + (at % 8)}
        style=${{ marginLeft: (100 * from) / all + '%', width: Math.max(0.4, (100 * p.ms) / all) + '%' }}></i></span>
        <span class="figure">${seconds(p.ms / 1e3)} <small>${percent(p.ms / all)}</small></span></li>`;
    })}</ul>`;
}

const PARTS = [
  ['weights', 'weights'],
  ['copies', 'further copies'],
  ['workspace', 'rows and loading'],
  ['kv', 'keys and values'],
];

export function Memory({ title, parts }) {
  const held = PARTS.reduce((sum, [name]) => sum + parts[name], 0);
  const all = parts.limit || held;
  const over = parts.limit && held > parts.limit;
  const most = Math.max(all, held);
  return html`<div class="memory"><h3>${title} <span class=${'note ' + (over ? 'bad' : '')}>${
    parts.limit
      ? over
        ? bytes(held - all) + ' too much for ' + bytes(all)
        : bytes(parts.free) + ' of ' + bytes(all) + ' free'
      : bytes(held) + ' held'
  }</span></h3>
    <div class="split" role="img" aria-label=${title + ' holds ' + bytes(held)}>${PARTS.map(
      ([name, text], at) => html`<i class=${'fill' + at} style=${{ width: (100 * parts[name]) / most + '%' }}
      title=${text + ' ' + bytes(parts[name])}></i>`,
    )}</div>
    <p class="legend">${PARTS.map(([name, text], at) => parts[name] > 0 && html`<span><svg width="10" height="10"
      aria-hidden="true"><rect width="10" height="10" class=${'paint' + at} /></svg> ${text} ${bytes(parts[name])}</span>`)}</p></div>`;
}

const when = (s) => (s >= 120 ? span(s * 1e3) : seconds(s));

/** The loss of one node: what is carried at each moment, as a part of what is carried whole. */
export function Timeline({ moments }) {
  if (!moments.length) return html`<p class="empty">Nothing fails in this plan.</p>`;
  const height = 150;
  const last = Math.max(...moments.map((m) => m.at_seconds ?? 0));
  // Detection takes milliseconds, repair hours: equal steps for the moments, their times written below.
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, moments.length);
  const x = (i) => LEFT + i * step;
  const y = (v) => height - BOTTOM - (height - TOP - BOTTOM) * Math.min(1, Math.max(0, v ?? 0));
  return html`<svg class="runchart" viewBox=${`0 0 ${WIDTH} ${height}`} role="img"
    aria-label=${'After a node is lost, until ' + when(last)}>
    ${[0, 0.5, 1].map((p) => html`<line class="gridline" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(p)} y2=${y(p)} />
      <text class="ticktext end" x=${LEFT - 6} y=${y(p) + 4}>${percent(p)}</text>`)}
    ${moments.map((m, i) => html`<rect class=${'stage ' + (m.carried >= 0.999 ? 'good' : m.carried > 0 ? 'warn' : 'bad')}
      x=${x(i) + 1} y=${y(m.carried)} width=${step - 2} height=${Math.max(1, height - BOTTOM - y(m.carried))}><title>
      ${m.what}: ${percent(m.carried)} carried</title></rect>
      <text class="ticktext" x=${x(i) + 2} y=${height - 8}>${when(m.at_seconds)}</text>`)}
  </svg>
  <ol class="plainlist numbered">${moments.map((m) => html`<li><b>${when(m.at_seconds)}</b> ${m.what}</li>`)}</ol>`;
}

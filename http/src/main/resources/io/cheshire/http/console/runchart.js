// An experiment while it runs: tokens a second and the longest gaps, with what is done shaded behind them.

import { html } from './lib/htm-preact.js';
import { num, seconds } from './format.js';

const WIDTH = 1000;
const LEFT = 52;
const RIGHT = 10;
const STEPS_S = [1, 2, 5, 10, 20, 30, 60, 120, 300];

const MARKED = { DETECTED: 'detected', PUBLISHED: 'published', WHOLE: 'whole', HEALED: 'healed' };

function niceTop(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most);
}

/** Steps as one path that starts and ends on the ground. */
function area(values, x, y, stepMs) {
  if (!values.length) return '';
  const points = values.map((v, i) => `L${x(i * stepMs).toFixed(1)},${y(v).toFixed(1)} L${x((i + 1) * stepMs).toFixed(1)},${y(v).toFixed(1)}`);
  return `M${x(0)},${y(0)} ${points.join(' ')} L${x(values.length * stepMs)},${y(0)}Z`;
}

function Panel({ run, values, height, format, label, endMs, tone }) {
  const top = 8;
  const bottom = height - 20;
  const most = niceTop(Math.max(0, ...values));
  const x = (ms) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.min(ms, endMs)) / endMs;
  const y = (v) => bottom - ((bottom - top) * Math.min(v, most)) / most;
  const step = STEPS_S.find((s) => endMs / 1000 / s <= 14) ?? 600;
  const ticks = Array.from({ length: Math.floor(endMs / 1000 / step) + 1 }, (_, i) => i * step);
  const shades = run.regions.map((r) => ({ ...r, left: x(r.fromMs), width: Math.max(2.5, x(r.toMs) - x(r.fromMs)) }));
  const marks = run.marks.filter((m) => MARKED[m.kind]).slice(-40);
  return html`<svg class="runchart" viewBox=${`0 0 ${WIDTH} ${height}`} role="img"
    aria-label=${label + ', at most ' + format(Math.max(0, ...values))}>
    ${shades.map((r) => html`<rect class=${r.toMs > r.fromMs + 50 ? 'fault' : 'instant'} x=${r.left} y=${top}
      width=${r.width} height=${bottom - top}><title>${r.words}</title></rect>`)}
    ${
      run.struckMs >= 0 &&
      html`<rect class="calm" x=${LEFT} y=${top} width=${Math.max(0, x(run.struckMs) - LEFT)}
        height=${bottom - top}><title>without faults</title></rect>`
    }
    ${[0, 0.5, 1].map((part) => html`<line class="gridline" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(part * most)}
      y2=${y(part * most)} /><text class="ticktext end" x=${LEFT - 6} y=${y(part * most) + 4}>
      ${format(part * most)}</text>`)}
    ${ticks.map((s) => html`<text class="ticktext mid" x=${x(s * 1000)} y=${height - 5}>${s} s</text>`)}
    <path class=${'area ' + tone} d=${area(values, x, y, run.stepMs)} />
    ${marks.map((m) => html`<line class=${'mark ' + MARKED[m.kind]} x1=${x(m.atMs)} x2=${x(m.atMs)} y1=${top}
      y2=${bottom}><title>${m.text}</title></line>`)}
    ${
      run.struckMs >= 0 &&
      html`<line class="loadend" x1=${x(run.struckMs + run.loadMs)} x2=${x(run.struckMs + run.loadMs)} y1=${top}
        y2=${bottom}><title>no new streams from here on</title></line>`
    }
    <text class="ticktext" x=${LEFT + 6} y=${top + 12}>${label}</text>
  </svg>`;
}

export function RunChart({ run }) {
  // The step under way would look like a fall.
  const tokens = run.tokens.slice(0, -1).map((n) => (n * 1000) / run.stepMs);
  const gaps = run.gapsMs.slice(0, -1);
  const endMs = Math.max(run.nowMs, run.struckMs >= 0 ? run.struckMs + run.loadMs : 20_000);
  return html`<div class="runcharts">
    <${Panel} run=${run} values=${tokens} height=${170} format=${num} label="tokens a second" endMs=${endMs}
      tone="first" />
    <${Panel} run=${run} values=${gaps} height=${120} format=${(ms) => seconds(ms / 1000)}
      label="longest gap between two tokens" endMs=${endMs} tone="second" />
    <p class="legend" aria-hidden="true"><span class="key calm">without faults</span><span
      class="key fault">a fault is on</span><span class="key detected">detected</span><span
      class="key published">epoch published</span><span class="key healed">taken back</span></p>
  </div>`;
}

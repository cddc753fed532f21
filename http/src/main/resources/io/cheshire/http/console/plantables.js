// Tables of answers: candidates of a search, two plans side by side, how exactly costs are known.

import { html } from './lib/htm-preact.js';
import { Panel, saveCsv, showText } from './base.js';
import { fleetWords, ParetoChart } from './plancharts.js';
import { isKnown, nines, NONE, num, percent, seconds } from './format.js';

export const band = (interval, show) =>
  interval ? html`${show(interval.mid)} <small>${show(interval.low)} … ${show(interval.high)}</small>` : NONE;
export const ms = (v) => (v === null ? 'without end' : seconds(v / 1e3));

/** Figures of two plans. */
const ROWS = [
  ['fleet', (a) => fleetWords(a.chosen.fleet)],
  ['load', (a) => a.load],
  ['keeps its promises', (a) => (a.keeps ? 'yes' : 'no: ' + a.chosen.misses.join('; '))],
  ['requests a second', (a) => num(a.chosen.requests_per_second)],
  ['knee', (a) => num(a.chosen.knee.mid)],
  ['falls behind above', (a) => num(a.chosen.saturation.mid)],
  ['TTFT p95', (a) => ms(a.chosen.ttft_p95_ms.mid)],
  ['ITL mean', (a) => ms(a.chosen.itl_mean_ms.mid)],
  ['ITL p99', (a) => ms(a.chosen.itl_p99_ms.mid)],
  ['held back by', (a) => a.chosen.bottleneck],
  ['available', (a) => (isKnown(a.chosen.availability?.attained) ? nines(a.chosen.availability.attained) : NONE)],
  ['price (an hour, or machines)', (a) => num(a.chosen.price)],
];

export function TwoPlans({ kept, now }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Two plans side by side"><table>
    <thead><tr><th></th><th>kept</th><th>now</th></tr></thead><tbody>${ROWS.map(
      ([title, show]) => html`<tr class=${show(kept) === show(now) ? 'quiet' : ''}><td>${title}</td>
      <td>${show(kept)}</td><td>${show(now)}</td></tr>`,
    )}</tbody></table></div>`;
}

export function Candidates({ found, output, onTake, onClose }) {
  const rows = found.candidates ?? [];
  const csv = () =>
    saveCsv('candidates.csv', [
      ['fleet', 'keeps', 'price', 'knee', 'ttft_p95_ms', 'itl_mean_ms', 'misses'],
      ...rows.map((c) => [
        fleetWords(c.fleet),
        c.keeps,
        c.price,
        c.knee.mid,
        c.ttft_p95_ms.mid,
        c.itl_mean_ms.mid,
        c.misses.join('; '),
      ]),
    ]);
  return html`<${Panel} title="Candidates" id="candidates" note=${found.looked_at + ' looked at'}
      actions=${html`<button type="button" class="json" onClick=${csv}>CSV</button>
        <button type="button" class="json" onClick=${() =>
          showText('Search as JSON', JSON.stringify(found, null, 1))}>JSON</button>
        <button type="button" class="plain" onClick=${onClose}>Close</button>`}>
      <p class=${found.keeps ? 'good' : 'bad'}>${found.verdict[0]}</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Candidates"><table><thead><tr><th>Fleet</th>
      <th class="right">Price</th><th class="right">Knee</th><th class="right">TTFT p95</th><th class="right">ITL mean</th>
      <th></th></tr></thead><tbody>${rows.map(
        (c) => html`<tr><td><button type="button" class="plain" onClick=${() => onTake(c.fleet)}
          title="Take it into the form">${fleetWords(c.fleet)}</button></td><td class="right">${num(c.price)}</td>
        <td class="right">${num(c.knee.mid)}</td><td class="right">${ms(c.ttft_p95_ms.mid)}</td>
        <td class="right">${ms(c.itl_mean_ms.mid)}</td>
        <td class=${c.keeps ? 'good' : 'bad'}>${c.keeps ? 'keeps all' : c.misses.join('; ')}</td></tr>`,
      )}</tbody></table></div><//>
    <${Panel} title="Pareto front" id="pareto" note="what no other beats in both">
      <${ParetoChart} front=${found.pareto ?? []} output=${output} />
      ${found.sensitivity?.length > 0 && html`<h3>What moves the answer <span class="note">headroom at 20 % less and more</span></h3>
      <ul class="plainlist">${found.sensitivity.slice(0, 6).map((bar) => html`<li>${bar.assumption}:
        ${' ' + num(bar.less.headroom)} … ${num(bar.more.headroom)}</li>`)}</ul>`}<//>`;
}

export function Accuracy({ classes, form }) {
  const used = classes.filter((c) => c.name === form.nodeClass || c.name === form.routerClass);
  return html`<${Panel} title="Accuracy of the calibration in use" id="accuracy" wide json="/admin/v1/plan">
    ${used.map((c) =>
      c.quantities
        ? html`<h3>${c.name}: ${c.assumed ? 'a data sheet, nothing was measured' : c.machine + ', ' + c.date + ', ' + c.commit}</h3>
        <div class="scroll" tabindex="0" role="region" aria-label=${'Accuracy of ' + c.name}><table><thead><tr><th>Cost</th>
        <th class="right">90 % within</th><th class="right">Worst point</th><th class="right">Points</th>
        <th class="right">Up to</th><th class="right">Corrected by</th></tr></thead><tbody>${c.quantities.map(
          (q) => html`<tr><td>${q.name}</td><td class="right">± ${percent(q.error)}</td>
          <td class="right">${percent(q.worst)}</td><td class="right">${c.assumed ? NONE : q.points}</td>
          <td class="right">${c.assumed ? NONE : num(q.upTo)}</td>
          <td class="right">${isKnown(q.correction) ? '× ' + q.correction.toFixed(2) : NONE}</td></tr>`,
        )}</tbody></table></div>`
        : html`<h3>${c.name}: a data sheet, nothing was measured; give or take 40 %</h3>`,
    )}<//>`;
}

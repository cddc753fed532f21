// Which expert of which layer is how hot, and who holds it.

import { html } from './lib/htm-preact.js';
import { series } from './live.js';
import { Choice, Empty, go, holdersOf, Panel, saveCsv, Stat, unitName, unitOf, useLive, useParameter } from './base.js';
import { Bar, HeatMap, TimeChart } from './charts.js';
import { isKnown, num, percent, seconds, whole } from './format.js';

const VIEWS = {
  rows: ['rows', 'rows a second', (s, u) => s.units.rows[u], num],
  queue: ['queue', 'wait of a shard', (s, u) => s.units.queueSeconds[u], seconds],
  compute: ['compute', 'part of the time for which its kernels ran', (s, u) => s.units.busy[u], (v) => percent(v, 1)],
  copies: ['copies', 'nodes that hold it', (s, u) => holdersOf(s, u).length, whole],
};

/** Of each unit only with cheshire.ops.metrics.units = on. */
const PROMQL = {
  rows: 'sum by (layer, expert) (rate(cheshire_unit_rows_total[1m]))',
  queue: 'sum by (layer, expert) (rate(cheshire_unit_queue_seconds_total[1m]))',
  compute: 'sum by (layer, expert) (rate(cheshire_unit_compute_seconds_total[1m]))',
  copies: 'count by (layer, expert) (cheshire_unit_rows_total)',
};

/** What all four views show, a line a unit. */
function table(s) {
  const head = ['layer', 'expert', 'rows_per_second', 'queue_seconds', 'busy', 'copies', 'nodes'];
  return [
    head,
    ...s.units.rows.map((rows, u) => [
      Math.floor(u / s.experts),
      u % s.experts,
      rows,
      s.units.queueSeconds[u],
      s.units.busy[u],
      holdersOf(s, u).length,
      holdersOf(s, u).join(' '),
    ]),
  ];
}

export function Experts() {
  const s = useLive().snapshot;
  const [view, setView] = useParameter('view', 'rows');
  const [layerText] = useParameter('layer', null);
  const [expertText] = useParameter('expert', null);
  if (!s.units) return html`<${Empty}>No placement yet.<//>`;
  const [, meaning, value, format] = VIEWS[view] ?? VIEWS.rows;
  const layer = Math.min(s.layers - 1, Math.max(0, Number(layerText ?? 0) || 0));
  const chosen = expertText === null ? null : [layer, Math.min(s.experts - 1, Math.max(0, Number(expertText) || 0))];
  const unit = chosen && unitOf(s, ...chosen);
  const open = (l, e) => go('experts', { view: view === 'rows' ? null : view, layer: l, expert: e });
  const rows = Array.from({ length: s.experts }, (_, e) => s.units.rows[unitOf(s, layer, e)]);
  const total = rows.reduce((a, b) => a + (b ?? 0), 0);
  const mean = total / s.experts;
  const most = Math.max(...rows.map((v) => v ?? 0), mean, 1e-9);
  return html`<div class="grid experts">
    <${Panel} title="Layers and experts" note=${meaning} json="/admin/v1/snapshot" id="map" wide
      promql=${PROMQL[view] ?? PROMQL.rows}
      actions=${html`<button type="button" id="csv" title="one line a unit, with all four views"
        onClick=${() => saveCsv('experts.csv', table(s))}>CSV</button><${Choice} label="What is shown" value=${view} onChange=${setView}
        options=${Object.entries(VIEWS).map(([id, [text]]) => [id, text])} />`}>
      <${HeatMap} columns=${s.layers} rows=${s.experts} label=${meaning + ' by layer and expert'}
        columnTitle="layer" rowTitle="expert"
        value=${(l, e) => value(s, unitOf(s, l, e))} format=${format} selected=${chosen} onOpen=${open} cell=${22}
        describe=${(l, e) => unitName(s, unitOf(s, l, e)) + ': ' + format(value(s, unitOf(s, l, e)))} /><//>
    <${Panel} title=${unit === null ? 'A unit' : unitName(s, unit)} json="/admin/v1/cluster" id="unit">
      ${
        unit === null
          ? html`<${Empty}>Choose a cell.<//>`
          : html`
        <dl class="stats column">
          <${Stat} label="rows a second" value=${num(s.units.rows[unit])} />
          <${Stat} label="against its layer's mean"
            value=${mean > 0 && isKnown(s.units.rows[unit]) ? (s.units.rows[unit] / mean).toFixed(2) + ' ×' : '–'} />
          <${Stat} label="wait of a shard" value=${seconds(s.units.queueSeconds[unit])} />
          <${Stat} label="kernels ran" value=${percent(s.units.busy[unit], 1)} />
          <${Stat} label="copies" value=${whole(holdersOf(s, unit).length)}
            tone=${holdersOf(s, unit).length < 2 ? 'warn' : ''} />
        </dl>
        <h3>Held by</h3>
        <ul class="chips" id="holders">${holdersOf(s, unit).map((id) => html`<li><a
          href=${'#/nodes?node=' + id}>node ${id}</a></li>`)}</ul>
        <p><a class="button" href=${'#/placement?layer=' + chosen[0] + '&expert=' + chosen[1]}>Move it …</a></p>`
      }<//>
    <${Panel} title=${'Layer ' + layer} note="rows a second, against the mean" json="/admin/v1/snapshot" id="layer">
      <ul class="bars">${rows.map(
        (v, e) => html`<li><a href=${'#/experts?layer=' + layer + '&expert=' + e}>expert ${e}</a>
        <${Bar} part=${isKnown(v) ? v / most : null} tone=${v > 2 * mean ? 'warn' : ''}
          label=${num(v) + ' rows a second'} />
        <span class="figure">${num(v)}</span></li>`,
      )}</ul>
      <p class="note">mean ${num(mean)} rows/s; balancedness ${percent(s.health?.balancedness?.[layer])}</p><//>
    <${Panel} title="Balancedness" note="mean over nodes by the most of one node; 100 % is even" wide
      json="/admin/v1/history?metric=balancedness.*">
      <${TimeChart} label="Balancedness over 15 minutes" format=${percent} height=${140} range=${() => [0, 1.02]}
        lines=${[
          { name: 'balancedness.' + layer, label: 'layer ' + layer },
          { label: 'least of all layers', of: least },
        ]} />
    <//>
  </div>`;
}

function least() {
  const all = [];
  for (let l = 0; ; l++) {
    const values = series('balancedness.' + l);
    if (!values.length) break;
    all.push(values);
  }
  return all.length
    ? all[0].map((_, i) => {
        const known = all.map((values) => values[i]).filter(isKnown);
        return known.length ? Math.min(...known) : null;
      })
    : [];
}

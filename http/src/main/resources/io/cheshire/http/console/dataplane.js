// Rows between this router and the nodes: who is late, and what is done about it.

import { html } from './lib/htm-preact.js';
import { figure, quantile, series, steps } from './live.js';
import { condition, allNodes, Empty, go, hostOf, Panel, Stat, useLive } from './base.js';
import { Bar, HeatMap, TimeChart, TimeHeat } from './charts.js';
import { isKnown, NONE, num, percent, seconds, secondsOf, whole } from './format.js';

const ROWS = [
  ['response, × median', (l) => l.slowness, (v) => v.toFixed(2)],
  ['late after, ms', (l) => l.deadlineSeconds, (v) => (v * 1000).toFixed(v < 0.01 ? 1 : 0)],
  ['open rows', (l) => l.openRows, whole],
  ['overdue shards', (l) => l.overdue, whole],
];

const rate = (name) => figure('exchange.' + name + '.rate');

/** How often each node was the last of a layer, over the history: [[node, share]]. */
export function lastShares(s) {
  const sums = (s.links ?? []).map((l) => [
    l.node,
    series('last.' + l.node + '.rate').reduce((sum, v) => sum + (v ?? 0), 0),
  ]);
  const all = sums.reduce((sum, [, v]) => sum + v, 0);
  return sums.map(([node, v]) => [node, all > 0 ? v / all : null]);
}

/** Layers wait for their slowest expert: by how much, and for whom. */
function Stragglers({ s }) {
  const shares = lastShares(s);
  const even = shares.length ? 1 / shares.length : 0;
  const most = Math.max(even, ...shares.map(([, share]) => share ?? 0));
  return html`<${Panel} title="Wait for a layer's experts" note="from the gate's answer until the last one's, 15 min"
      json="/admin/v1/history?metric=layerwait.*" id="layerwait"
      promql=${'histogram_quantile(0.99, sum by (le) (rate(cheshire_layer_wait_seconds_bucket[1m])))'}>
      <dl class="stats line"><${Stat} label="50 / 95 / 99 %"
        value=${secondsOf([0.5, 0.95, 0.99].map((q) => quantile('layerwait', q)))} /></dl>
      <${TimeHeat} steps=${steps('layerwait')} format=${seconds} label="Waits for layers over 15 minutes" /><//>
    <${Panel} title="Who was last" note=${'share of layers that waited for it, 15 min; even would be ' + percent(even)}
      json="/admin/v1/history?metric=last.*" id="last"
      promql=${'sum by (node) (rate(cheshire_layer_last_total[5m]))\n  / ignoring(node) group_left ' +
      'sum(rate(cheshire_layer_last_total[5m]))'}>
      <ul class="bars">${shares.map(([node, share]) => html`<li><a href=${'#/nodes?node=' + node}>node ${node}</a>
        <${Bar} part=${isKnown(share) ? share / most : null} tone=${share > 2 * even ? 'warn' : ''}
          label=${percent(share, 1) + ' of layers'} /><span class="figure">${percent(share, 1)}</span></li>`)}</ul><//>`;
}

export function DataPlane() {
  const s = useLive().snapshot;
  const links = s.links ?? [];
  const nodes = allNodes(s);
  const won = rate('hedges') > 0 ? rate('hedges_won') / rate('hedges') : null;
  const lines = (names) => names.map(([name, label]) => ({ name: 'exchange.' + name + '.rate', label }));
  return html`<div class="grid dataplane">
    <${Panel} title="Shards a second" json="/admin/v1/history?metric=exchange.*&seconds=60" id="shards"
      promql="sum by (what) (rate(cheshire_exchange_count_total[1m]))">
      <dl class="stats column">
        <${Stat} label="attempts" value=${num(rate('attempts'))} />
        <${Stat} label="hedges" value=${num(rate('hedges'))}
          tone=${rate('hedges') > 0.05 * rate('attempts') ? 'warn' : ''} />
        <${Stat} label="hedges of attempts"
          value=${rate('attempts') > 0 ? percent(rate('hedges') / rate('attempts'), 2) : NONE} />
        <${Stat} label="hedges that won" value=${percent(won)} />
        <${Stat} label="hedges denied" value=${num(rate('hedges_denied'))} />
        <${Stat} label="retries" value=${num(rate('retries'))} />
        <${Stat} label="suspicions" value=${num(rate('suspicions'))} tone=${rate('suspicions') > 0 ? 'bad' : ''} />
        <${Stat} label="lanes parked now" value=${whole(figure('lanes.parked'))}
          tone=${figure('lanes.parked') > 0 ? 'bad' : ''} />
        <${Stat} label="rows given up" value=${num(rate('rows_poisoned'))}
          tone=${rate('rows_poisoned') > 0 ? 'bad' : ''} />
      </dl><//>
    <${Panel} title="This router and each node" note="as this router sees them" json="/admin/v1/snapshot"
      id="links" wide>
      ${
        links.length
          ? html`<div class="scroll" tabindex="0" role="region" aria-label="Links"><table class="matrix"><thead><tr>
            <th>node</th>
        ${links.map((l) => html`<th class="right"><a href=${'#/nodes?node=' + l.node}>
          ${l.node}</a></th>`)}</tr></thead><tbody>
        <tr><td>state</td>${links.map((l) => {
          const [state, tone] = condition(nodes.find((n) => n.id === l.node) ?? {});
          return html`<td class="right"><span class=${'dot ' + tone} title=${state} role="img"
            aria-label=${state}></span><span class="small">${state}</span></td>`;
        })}</tr>
        ${ROWS.map(([label, value, format]) => html`<tr><td>${label}</td>${links.map((l) => html`<td class="right">
          ${isKnown(value(l)) ? format(value(l)) : NONE}</td>`)}</tr>`)}
        </tbody></table></div>`
          : html`<${Empty}>This router has no links.<//>`
      }
      <h3>Response time by the median node's</h3>
      <${HeatMap} columns=${Math.max(1, links.length)} rows=${1} cell=${26} from=${1} to=${3} axes=${false}
        label="Slowness of each node" columnTitle="node" rowTitle="router"
        value=${(n) => links[n]?.slowness ?? null} format=${(v) => v.toFixed(1) + ' ×'}
          describe=${(n) => 'node ' + links[n]?.node + ': ' + (links[n]?.slowness ?? 0).toFixed(2) + ' × the median'}
        onOpen=${(n) => links[n] && go('nodes', { node: links[n].node })} /><//>
    <${Panel} title="Hedges"
      json="/admin/v1/history?metric=exchange.hedges.rate,exchange.hedges_won.rate,exchange.hedges_denied.rate">
      <${TimeChart} label="Hedges a second" format=${num} height=${140} lines=${lines([
        ['hedges', 'sent/s'],
        ['hedges_won', 'won/s'],
        ['hedges_denied', 'denied/s'],
      ])} /><//>
    <${Panel} title="Late and lost" json="/admin/v1/history?metric=exchange.suspicions.rate,exchange.retries.rate">
      <${TimeChart} label="Suspicions, retries and late rows a second" format=${num} height=${140}
        lines=${lines([
          ['suspicions', 'suspicions/s'],
          ['retries', 'retries/s'],
          ['late_rows', 'late rows/s'],
          ['nacks', 'nacks/s'],
        ])} /><//>
    <${Stragglers} s=${s} />
    <${Panel} title="Books of each router" note="rows; open is 0 when all is answered" json="/admin/v1/cluster" wide>
      <div class="scroll" tabindex="0" role="region" aria-label="Routers"><table><thead><tr><th>Router</th>
        <th>State</th><th>Host</th><th>Epoch</th>
        <th class="right">Computed</th><th class="right">Open</th><th class="right">Given up</th><th
          class="right">Unused</th><th class="right">Lost</th></tr></thead>
      <tbody>${(s.routers ?? []).map(
        (
          r,
        ) => html`<tr><td>${r.id}</td><td><span class=${'badge ' + (r.ready ? 'good' : 'warn')}>
          ${r.ready ? 'ready' : 'not ready'}</span></td>
        <td>${hostOf(r.address)}</td><td>${r.epochText}</td><td class="right">
          ${whole(r.rows)}</td><td class="right">${whole(r.open)}</td>
        <td class="right">${whole(r.givenUp)}</td><td class="right">${whole(r.unused)}</td><td class="right">
          ${whole(r.lost)}</td></tr>`,
      )}</tbody></table></div><//>
  </div>`;
}

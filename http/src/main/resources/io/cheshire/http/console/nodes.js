// Every node beside its peers.

import { html } from './lib/htm-preact.js';
import { series } from './live.js';
import {
  allNodes,
  ask,
  condition,
  Empty,
  go,
  hostOf,
  oddOnes,
  Panel,
  Stat,
  Table,
  useLive,
  useParameter,
} from './base.js';
import { Bar, HeatMap, TimeChart } from './charts.js';
import { lastShares } from './dataplane.js';
import { bytes, isKnown, median, NONE, num, percent, seconds, whole } from './format.js';

/** A tile for each node; one that differs from its peers is outlined. */
export function NodeTiles({ nodes, odd, onOpen, chosen }) {
  return html`<ul class="tiles">${nodes.map((node) => {
    const [state, tone] = condition(node);
    const why = odd.get(node.id);
    return html`<li key=${node.id}><button type="button" data-node=${node.id} data-state=${state}
      class=${'tile ' + tone + (why ? ' odd' : '') + (node.id === chosen ? ' chosen' : '')}
        onClick=${() => onOpen(node)}
      title=${why ? 'Differs from its peers: ' + why.join('; ') : 'As its peers'}>
      <span class="head"><b>${node.id}</b><span class="state">${why && tone === 'good' ? 'odd' : state}</span></span>
      <${Bar} part=${node.busy} label=${'busy ' + percent(node.busy)} />
      <span class="foot"><span title="busy">${percent(node.busy)}</span
        ><span title="units">${isKnown(node.units) ? whole(node.units) + ' u' : NONE}</span></span>
    </button></li>`;
  })}</ul>`;
}

/** Units for which a node is the only holder. */
const aloneOn = (s, id) =>
  (s.nodesByUnit ?? []).filter((holders) => holders.length === 1 && holders[0] === id).length;

export function askDrain(s, node) {
  const held = (s.nodesByUnit ?? []).filter((holders) => holders.includes(node.id)).length;
  ask({
    what: 'drain',
    body: { node: node.id },
    verb: 'Drain',
    title: 'Drain node ' + node.id,
    effects: [
      `Node ${node.id} gets no more units; its ${held} units go to other nodes, copy by copy, while it serves.`,
      `${aloneOn(s, node.id)} of them are on no other node now and are loaded elsewhere first.`,
      'No request is interrupted. When no router uses it any more it may be stopped. Undrain puts it back.',
    ],
  });
}

export function askUndrain(node) {
  ask({
    what: 'undrain',
    body: { node: node.id },
    verb: 'Undrain',
    title: 'Put node ' + node.id + ' back in use',
    effects: [`Node ${node.id} may hold units again and takes its share of every layer.`],
  });
}

function askDown(s, node) {
  ask({
    what: 'down',
    body: { node: node.id },
    verb: 'It has ended',
    grave: true,
    title: 'Say that node ' + node.id + ' has ended',
    effects: [
      `Tells the coordinator that the process of node ${node.id} is gone, so that nobody waits for it.`,
      'It ends nothing by itself.',
      `${aloneOn(s, node.id)} units that only it held are loaded elsewhere at once.`,
      'A node that still reports is kept.',
    ],
  });
}

const COLUMNS = [
  { id: 'id', title: 'Node', value: (n) => n.id, show: (n) => html`<a href=${'#/nodes?node=' + n.id}>${n.id}</a>` },
  {
    id: 'state',
    title: 'State',
    value: (n) => condition(n)[0],
    show: (n) => html`<span class=${'badge ' + condition(n)[1]}>${condition(n)[0]}</span>`,
  },
  { id: 'address', title: 'Host', value: (n) => n.address ?? '', show: (n) => hostOf(n.address) },
  { id: 'units', title: 'Units', right: true, value: (n) => n.units, show: (n) => whole(n.units) },
  {
    id: 'memory',
    title: 'Memory',
    right: true,
    value: (n) => n.residentBytes,
    show: (n) => bytes(n.residentBytes),
    help: 'Weights resident',
  },
  { id: 'rows', title: 'Rows/s', right: true, value: (n) => n.rows, show: (n) => num(n.rows) },
  {
    id: 'busy',
    title: 'Busy',
    value: (n) => n.busy,
    show: (n) => html`<span class="withbar"><${Bar} part=${n.busy} label="busy" />${percent(n.busy, 1)}</span>`,
    help: 'Part of the last 10 s for which kernels ran',
  },
  {
    id: 'row',
    title: 'A row',
    right: true,
    value: perRow,
    show: (n) => seconds(perRow(n)),
    help: 'Kernel time by rows',
  },
  {
    id: 'queue',
    title: 'Wait',
    right: true,
    value: (n) => n.queueSeconds,
    show: (n) => seconds(n.queueSeconds),
    help: 'Wait of a shard in the node',
  },
  {
    id: 'open',
    title: 'Open rows',
    right: true,
    value: (n) => n.link?.openRows,
    show: (n) => whole(n.link?.openRows),
    help: 'Sent by this router and not answered',
  },
  {
    id: 'slowness',
    title: 'Response',
    right: true,
    value: (n) => n.link?.slowness,
    show: (n) => (isKnown(n.link?.slowness) ? n.link.slowness.toFixed(2) + ' ×' : NONE),
    help: 'By the median node',
  },
  {
    id: 'last',
    title: 'Last',
    right: true,
    value: (n) => n.last,
    show: (n) => percent(n.last, 1),
    help: 'Share of layers that waited for this node, over 15 minutes',
  },
];

function perRow(n) {
  return n.rows > 0 ? n.busy / n.rows : null;
}

export function Nodes() {
  const s = useLive().snapshot;
  const [sort, setSort] = useParameter('sort', 'id');
  const [chosenText] = useParameter('node', null);
  const last = new Map(lastShares(s));
  const nodes = allNodes(s).map((node) => ({ ...node, last: last.get(node.id) }));
  const odd = oddOnes(nodes);
  const chosen = nodes.find((node) => String(node.id) === chosenText);
  const open = (node) => go('nodes', { sort: sort === 'id' ? null : sort, node: node.id });
  return html`<div class="grid nodes">
    <${Panel} title="All nodes"
      note=${
        odd.size
          ? odd.size + (odd.size === 1 ? ' differs from its peers and is' : ' differ from their peers and are') + ' outlined'
          : 'none differs from its peers'
      }
      json="/admin/v1/cluster" wide>
      <${NodeTiles} nodes=${nodes} odd=${odd} onOpen=${open} chosen=${chosen?.id} />
      ${!nodes.length && html`<${Empty}>No node is known yet.<//>`}<//>
    ${chosen && html`<${OneNode} key=${chosen.id} s=${s} node=${chosen} odd=${odd.get(chosen.id)} />`}
    <${Panel} title="Compared" json="/admin/v1/snapshot" wide
      promql=${'cheshire_node_busy_ratio\nrate(cheshire_node_rows_total[1m])\n' +
      'rate(cheshire_node_queue_seconds_total[1m]) / rate(cheshire_node_shards_total[1m])'}>
      <${Table} label="Nodes" columns=${COLUMNS} rows=${nodes} sort=${sort} onSort=${setSort} rowKey=${(n) => n.id}
        onRow=${open} /><//>
  </div>`;
}

/** Values of all nodes' median. */
const peers = (s, what) => () => {
  const all = (s.nodes ?? []).map((node) => series('node.' + node.id + '.' + what)).filter((values) => values.length);
  return all.length ? all[0].map((_, i) => median(all.map((values) => values[i]))) : [];
};

/** As Flink tells how near a subtask is to its limit. */
function busyClass(busy) {
  if (!isKnown(busy)) return ['unknown', ''];
  return busy <= 0.1 ? ['ok', 'good'] : busy <= 0.5 ? ['low', ''] : ['high', 'warn'];
}

function OneNode({ s, node, odd }) {
  const [state, tone] = condition(node);
  const lines = (what, text) => [
    { name: 'node.' + node.id + '.' + what, label: text },
    { label: 'median of all', of: peers(s, what) },
  ];
  const held = new Set((s.nodesByUnit ?? []).flatMap((holders, unit) => (holders.includes(node.id) ? [unit] : [])));
  const loading = new Set(node.loading ?? []);
  return html`
    <${Panel} title=${'Node ' + node.id} json="/admin/v1/cluster" id="node"
      actions=${html`<button type="button" class="plain" onClick=${() => go('nodes')}>Close</button>`}>
      <p><span class=${'badge ' + tone}>${state}</span>${odd ? html` <span class="oddtext">
        ${odd.join('; ')}</span>` : ''}</p>
      <dl class="stats column">
        <${Stat} label="host" value=${hostOf(node.address)} />
        <${Stat} label="data plane" value=${node.channel ?? NONE} />
        <${Stat} label="started as" value=${node.incarnation ?? NONE} />
        <${Stat} label="units" value=${whole(node.units)} />
        <${Stat} label="busy, last 10 s" value=${percent(node.busy, 1) + ', ' + busyClass(node.busy)[0]}
          tone=${busyClass(node.busy)[1]} />
        <${Stat} label="last of a layer" value=${percent(node.last, 1)} />
        <${Stat} label="weights" value=${bytes(node.residentBytes)} />
        <${Stat} label="memory limit" value=${node.memoryLimitBytes > 1e15 ? 'none' : bytes(node.memoryLimitBytes)} />
        ${node.deviceHealth ? html`<${Stat} label="GPU" value=${node.deviceHealth} />` : ''}
        <${Stat} label="rows since start" value=${whole(node.rowsServed)} />
        <${Stat} label="only holder of" value=${whole(aloneOn(s, node.id)) + ' units'}
          tone=${aloneOn(s, node.id) ? 'warn' : ''} />
      </dl>
      <div class="buttons">
        ${
          node.state === 'DRAINING'
            ? html`<button type="button" id="undrain" onClick=${() => askUndrain(node)}>Undrain …</button>`
            : html`<button type="button" id="drain" disabled=${node.state === 'GONE'}
              onClick=${() => askDrain(s, node)}>Drain …</button>`
        }
        <button type="button" id="down" class="danger" onClick=${() => askDown(s, node)}>It has ended …</button>
      </div><//>
    <${Panel} title="Busy" note=${(([word]) => word)(busyClass(node.busy)) + '; kernels, the rest is idle or waits'}
      promql=${'cheshire_node_busy_ratio{node="' + node.id + '"}'}
      json=${'/admin/v1/history?metric=node.' + node.id + '.busy'}>
      <${TimeChart} label="Busy over time" lines=${lines('busy', 'node ' + node.id)} format=${percent} height=${120}
        range=${() => [0, 1]} />
      <h3>Rows a second</h3>
      <${TimeChart} label="Rows a second over time" lines=${lines('rows', 'node ' + node.id)} format=${num}
        height=${110} /><//>
    <${Panel} title="Wait of a shard" json=${'/admin/v1/history?metric=node.' + node.id + '.queue'}>
      <${TimeChart} label="Wait over time" lines=${lines('queue', 'node ' + node.id)} format=${seconds}
        height=${120} />
      <h3>Units that it holds${loading.size ? ', ' + loading.size + ' being loaded' : ''}</h3>
      <${HeatMap} columns=${s.layers} rows=${s.experts} cell=${7} axes=${false} from=${0} to=${3} label="Units held"
        value=${(l, e) => (held.has(l * s.experts + e) ? 2 : loading.has(l * s.experts + e) ? 1 : null)}
        format=${(v) => ['', 'loads', 'holds'][Math.round(v)] ?? ''}
          describe=${(l, e) => 'layer ' + l + ', expert ' + e}
        onOpen=${(l, e) => go('experts', { layer: l, expert: e })} /><//>`;
}

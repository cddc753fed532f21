// Who holds what, how it came to be, and how to change it.

import { html, useEffect, useState } from './lib/htm-preact.js';
import { get, post } from './live.js';
import { allNodes, ask, condition, Empty, go, holdersOf, Panel, Stat, unitName, unitOf, useLive, useParameter } from './base.js';
import { EventList, toneOf } from './overview.js';
import { askDrain, askUndrain } from './nodes.js';
import { HeatMap } from './charts.js';
import { clock, isKnown, NONE, percent, span, whole, words } from './format.js';

export function Placement() {
  const s = useLive().snapshot;
  const [layer, setLayer] = useParameter('layer', 'all');
  if (!s.nodesByUnit?.length)
    return html`<${Empty}>No placement is published yet; the cluster is ${words(s.phase)}.<//>`;
  const nodes = allNodes(s);
  return html`<div class="grid placement">
    <${Holders} s=${s} nodes=${nodes} layer=${layer} setLayer=${setLayer} />
    <${Panel} title="Under way" json="/admin/v1/cluster" id="underway"><${UnderWay} s=${s} /><//>
    <${Panel} title="Move a unit" id="move"><${Move} s=${s} nodes=${nodes} layer=${layer} key=${layer} /><//>
    <${Panel} title="Change the whole" id="change"><${Whole} s=${s} nodes=${nodes} /><//>
    <${Panel} title="Epochs" note="newest first" json="/admin/v1/cluster" id="epochs" wide><${EpochList} s=${s} /><//>
    <${Difference} s=${s} />
    <${Panel} title="Decisions" json="/admin/v1/cluster" id="decisions" wide><${EventList} events=${s.events}
      most=${20} /><//>
  </div>`;
}

/** Nodes by experts: of one layer who holds which, of all layers how many. */
function Holders({ s, nodes, layer, setLayer }) {
  const all = layer === 'all';
  const counts = (n, e) => {
    const id = nodes[n].id;
    if (!all) return holdersOf(s, unitOf(s, Number(layer), e)).includes(id) ? 1 : null;
    let count = 0;
    for (let l = 0; l < s.layers; l++) if (holdersOf(s, unitOf(s, l, e)).includes(id)) count++;
    return count || null;
  };
  return html`<${Panel} title="Who holds what" json="/admin/v1/cluster" id="holders" wide
    note=${all ? 'layers of each expert on each node' : 'layer ' + layer}
    actions=${html`<label class="inline">Layer <select value=${layer} onChange=${(e) => setLayer(e.target.value)}>
      <option value="all">all</option>${Array.from({ length: s.layers }, (_, l) => html`<option value=${l}>
        ${l}</option>`)}</select></label>`}>
    <${HeatMap} columns=${nodes.length} rows=${s.experts} cell=${20} from=${0} to=${all ? s.layers : 1}
      label="Units by node and expert"
      columnTitle="node" rowTitle="expert" value=${counts} format=${(v) => whole(v)}
      mark=${(n) => condition(nodes[n])[1] === 'bad'} onOpen=${(n) => go('nodes', { node: nodes[n].id })}
      describe=${(n, e) =>
        'node ' +
        nodes[n].id +
        ', expert ' +
        e +
        ': ' +
        (all
          ? whole(counts(n, e) ?? 0) + ' of ' + s.layers + ' layers'
          : counts(n, e)
            ? 'holds it'
            : 'does not hold it')} /><//>`;
}

function UnderWay({ s }) {
  const busy = (s.nodes ?? []).filter((node) => node.loading.length || node.state !== 'SERVING');
  return html`<dl class="stats column">
      <${Stat} label="phase" value=${words(s.phase)} />
      <${Stat} label="as it ought to be" value=${s.health?.atTarget ? 'yes' : 'not yet'}
        tone=${s.health?.atTarget ? 'good' : 'busy'} />
      <${Stat} label="copies wanted" value=${whole(s.safety?.replicas)} />
      <${Stat} label="units loaded since start" value=${whole(s.health?.unitsLoaded)} />
    </dl>
    ${
      busy.length
        ? html`<ul class="plainlist">${busy.map(
            (node) =>
              html`<li>node ${node.id}: ${words(node.state)}${
                node.loading.length
                  ? ', loads ' +
                    node.loading.length +
                    ' units: ' +
                    node.loading
                      .slice(0, 3)
                      .map((unit) => unitName(s, unit))
                      .join('; ') +
                    (node.loading.length > 3 ? ' …' : '')
                  : ''
              }</li>`,
          )}</ul>`
        : html`<${Empty}>No unit moves and no node drains.<//>`
    }`;
}

function Move({ s, nodes, layer }) {
  const [start] = useParameter('expert', 0);
  const [form, setForm] = useState({
    layer: layer === 'all' ? 0 : Number(layer),
    expert: Number(start) || 0,
    from: null,
    to: null,
  });
  const unit = unitOf(s, form.layer, form.expert);
  const holders = holdersOf(s, unit);
  const from = holders.includes(form.from) ? form.from : holders[0];
  const targets = nodes
    .filter((node) => node.state === 'SERVING' && !holders.includes(node.id))
    .map((node) => node.id);
  const to = targets.includes(form.to) ? form.to : targets[0];
  const set = (name) => (e) => setForm({ ...form, [name]: Number(e.target.value) });
  const options = (values) => values.map((value) => html`<option value=${value}>${value}</option>`);
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const review = (e) => {
    e.preventDefault();
    const after = [...holders.filter((id) => id !== from), to];
    ask({
      what: 'moves',
      body: { layer: form.layer, expert: form.expert, from, to },
      verb: 'Move it',
      title: 'Move ' + unitName(s, unit),
      effects: [
        `Node ${to} loads the unit; then routers use node ${after.join(' and node ')}; then node ${from} frees it.`,
        after.length === 1
          ? 'It would be left with one copy, as it has now: the loss of node ' +
            to +
            ' would make requests wait for a reload.'
          : `It keeps ${after.length} copies all the while.`,
        'Tokens go on meanwhile, with the same bits.',
      ],
    });
  };
  return html`<form class="fields" onSubmit=${review}>
    <label>Layer <select name="layer" value=${form.layer} onChange=${set('layer')}>
      ${options(range(s.layers))}</select></label>
    <label>Expert <select name="expert" value=${form.expert} onChange=${set('expert')}>
      ${options(range(s.experts))}</select></label>
    <label>From node <select name="from" value=${from} onChange=${set('from')}>${options(holders)}</select></label>
    <label>To node <select name="to" value=${to} onChange=${set('to')}>${options(targets)}</select></label>
    <button type="submit" class="main" id="reviewmove"
      disabled=${from === undefined || to === undefined}>Review …</button>
    ${to === undefined && html`<p class="note">Every serving node holds it already.</p>`}
  </form>`;
}

function Whole({ s, nodes }) {
  const [replicas, setReplicas] = useState(s.safety?.replicas ?? 1);
  const [node, setNode] = useState(nodes[0]?.id ?? 0);
  const [trial, setTrial] = useState('');
  const chosen = nodes.find((one) => one.id === Number(node));
  const balancedness = (s.health?.balancedness ?? []).filter(isKnown);
  const worst = balancedness.length ? Math.min(...balancedness) : null;
  const askReplicas = () =>
    ask({
      what: 'replicas',
      body: { replicas: Number(replicas) },
      verb: 'Set copies',
      title: 'Give each unit ' + replicas + ' copies',
      grave: replicas < (s.safety?.replicas ?? 1),
      effects: [
        `Each of the ${whole(s.nodesByUnit.length)} units is to be on ${replicas} nodes instead of ` +
          `${s.safety?.replicas}, as far as memory goes.`,
        replicas < 2
          ? 'With one copy the loss of any node makes requests wait until its units are loaded elsewhere.'
          : 'The loss of any one node then costs no copy that is alone.',
      ],
    });
  const tryRebalance = () =>
    post('/admin/v1/cluster/rebalance', { dry_run: true }).then(
      (reply) => setTrial('A rebalance now: ' + reply.message),
      (failure) => setTrial(failure.message),
    );
  const askRebalance = () =>
    ask({
      what: 'rebalance',
      body: {},
      verb: 'Rebalance',
      title: 'Rebalance once',
      effects: [
        'The balancer looks at the latest traffic and moves what pays, or answers why nothing does.',
        'The least even layer is at ' + percent(worst) + ' now (100 % is even).',
        'Units are loaded before they are let go; no request is interrupted.',
      ],
    });
  return html`<div class="fields">
    <label>Copies of each unit <input type="number" name="replicas" min="1" max=${nodes.length} value=${replicas}
      onInput=${(e) => setReplicas(e.target.value)} /></label>
    <button type="button" disabled=${!(replicas >= 1)} onClick=${askReplicas}>Review …</button>
    <label>Node <select name="node" value=${node} onChange=${(e) => setNode(e.target.value)}>
      ${nodes.map((one) => html`<option value=${one.id}>${one.id}: ${condition(one)[0]}</option>`)}</select></label>
    ${
      chosen?.state === 'DRAINING'
        ? html`<button type="button" onClick=${() => askUndrain(chosen)}>Undrain …</button>`
        : html`<button type="button" disabled=${!chosen || chosen.state === 'GONE'}
          onClick=${() => askDrain(s, chosen)}>Drain …</button>`
    }
    <span class="label">Least even layer: ${percent(worst)}</span>
    <span class="pair"><button type="button" id="tryrebalance" onClick=${tryRebalance}>What would it do?</button>
      <button type="button" onClick=${askRebalance}>Rebalance …</button></span>
    ${trial && html`<p class="note" role="status" id="trial">${trial}</p>`}
  </div>`;
}

/** Epochs that were published, with what was decided before each. */
function EpochList({ s }) {
  const epochs = [];
  let why = [];
  for (const event of s.events ?? []) {
    if (event.kind === 'PUBLISHED') {
      epochs.push({ ...event, why });
      why = [];
    } else if (['TARGET', 'DRAIN', 'RESCUE', 'NODE_GONE', 'NODE_JOINED', 'NODE_LEAVING'].includes(event.kind))
      why.push(event);
  }
  if (!epochs.length) return html`<${Empty}>None is among the last decisions.<//>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Epochs"><table><thead><tr><th>Epoch</th>
    <th>Author</th><th>When</th><th>What</th><th>Because</th></tr></thead>
    <tbody>${epochs
      .reverse()
      .slice(0, 12)
      .map(
        (e) => html`<tr key=${e.sequence}>
      <td>${e.epochText.split('.')[0]}</td><td class="mono">${e.epochText.split('.')[1] ?? NONE}</td><td
        title=${clock(e.timeMs)}>${span(s.timeMs - e.timeMs)} ago</td>
      <td>${e.reason}</td>
      <td>${e.why.length ? e.why.slice(-2).map((w) => html`<span class=${'kind ' + toneOf(w.kind)}>
        ${words(w.kind)}</span> ${w.reason} `) : NONE}</td></tr>`,
      )}</tbody></table></div>`;
}

const MOST_SHOWN = 60;

/** What changed from one epoch to another, of those that this router has seen. */
function Difference({ s }) {
  const [epochs, setEpochs] = useState([]);
  const [fromText, setFrom] = useParameter('from', '');
  const [toText, setTo] = useParameter('to', '');
  useEffect(() => {
    get('/admin/v1/placements').then((answer) => setEpochs(answer.epochs), () => {});
  }, [s.epochText]);
  const to = epochs.find((e) => e.epochText === toText) ?? epochs.at(-1);
  const from = epochs.find((e) => e.epochText === fromText) ?? epochs[Math.max(0, epochs.indexOf(to) - 1)];
  const changes = from && to && from !== to ? differences(from.nodesByUnit, to.nodesByUnit) : [];
  const loaded = changes.reduce((sum, c) => sum + c.gained.length, 0);
  const freed = changes.reduce((sum, c) => sum + c.lost.length, 0);
  const choice = (label, value, set) => html`<label class="inline">${label} <select value=${value?.epochText}
    onChange=${(e) => set(e.target.value)}>${epochs.map((e) => html`<option value=${e.epochText}>${e.epochText}, ${
      clock(e.timeMs)}</option>`)}</select></label>`;
  return html`<${Panel} title="Difference of two epochs" json="/admin/v1/placements" id="difference" wide
    note=${epochs.length + ' seen by this router'}
    actions=${epochs.length > 1 && html`${choice('from', from, setFrom)}${choice('to', to, setTo)}`}>
    ${
      !changes.length
        ? html`<${Empty}>${epochs.length > 1 ? 'The same nodes hold the same units.' : 'Only one has been seen.'}<//>`
        : html`<p>${whole(changes.length)} units changed: ${whole(loaded)} copies came, ${whole(freed)} went.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Changed units"><table><thead><tr><th>Unit</th>
        <th>Came to</th><th>Went from</th><th>Held by now</th></tr></thead><tbody>${changes
          .slice(0, MOST_SHOWN)
          .map((c) => html`<tr key=${c.unit}><td>${unitName(s, c.unit)}</td><td>${c.gained.join(', ') || NONE}</td><td>
            ${c.lost.join(', ') || NONE}</td><td>${c.now.join(', ') || NONE}</td></tr>`)}</tbody></table></div>
      ${changes.length > MOST_SHOWN && html`<p class="note">and ${changes.length - MOST_SHOWN} more, in the JSON</p>`}`
    }<//>`;
}

function differences(before, after) {
  return after.flatMap((now, unit) => {
    const was = before[unit] ?? [];
    const gained = now.filter((node) => !was.includes(node));
    const lost = was.filter((node) => !now.includes(node));
    return gained.length || lost.length ? [{ unit, gained, lost, now }] : [];
  });
}

// What a person on duty must see without a click.

import { html } from './lib/htm-preact.js';
import { figure, quantile } from './live.js';
import { allNodes, condition, go, holdersOf, oddOnes, Panel, Stat, unitName, unitOf, useLive } from './base.js';
import { HeatMap, TimeChart } from './charts.js';
import { NodeTiles } from './nodes.js';
import { clock, isKnown, NONE, num, percent, secondsOf, span, whole, words } from './format.js';

/** Whether anything would be lost. */
export function safetyOf(s) {
  const { unitsWithoutNode, unitsShort, survivesAnyNode, unitsDiffering } = s.safety ?? {};
  if (!s.safety) return ['Unknown', 'warn', 'No coordinator has answered yet.'];
  if (unitsWithoutNode > 0)
    return ['No', 'bad', whole(unitsWithoutNode) + ' units have no node: requests that need them fail.'];
  if (unitsDiffering > 0) return ['Look', 'bad', whole(unitsDiffering) + ' copies differ and are not used.'];
  if (unitsShort > 0) return ['Yes, with less in reserve', 'warn', whole(unitsShort) + ' units are short of copies.'];
  if (!survivesAnyNode) return ['Yes, while all nodes live', 'warn', 'Some units are on one node only.'];
  return ['Yes', 'good', 'Every unit has its copies.'];
}

function Safety({ s }) {
  const [answer, tone, why] = safetyOf(s);
  const f = s.safety ?? {};
  const yes = (v) => (v === undefined ? NONE : v ? 'yes' : 'no');
  return html`<${Panel} title="Is every token safe?" json="/admin/v1/cluster" id="safety"
    promql=${'cheshire_coordinator_units_without_node\ncheshire_coordinator_units_short\n' +
    'cheshire_units_holders_min\ncheshire_survives'}>
    <p class=${'answer ' + tone}>${answer}</p><p class="why">${why}</p>
    <dl class="stats">
      <${Stat} label="units without a node" value=${whole(f.unitsWithoutNode)}
        tone=${f.unitsWithoutNode ? 'bad' : ''} />
      <${Stat} label="short of copies" value=${whole(f.unitsShort)} tone=${f.unitsShort ? 'warn' : ''} />
      <${Stat} label="fewest holders of a unit" value=${whole(f.leastHolders)} />
      <${Stat} label="survives any node" value=${yes(f.survivesAnyNode)}
        tone=${f.survivesAnyNode === false ? 'warn' : ''} />
      ${f.survivesAnyDomain !== undefined && html`<${Stat} label="survives any rack"
        value=${yes(f.survivesAnyDomain)} />`}
    </dl><//>`;
}

function Serving({ s }) {
  const failing = (figure('requests.rejected.rate') ?? 0) > 0;
  const [answer, tone] = !s.ready
    ? ['No', 'bad']
    : s.draining
      ? ['No: it drains', 'warn']
      : failing
        ? ['Not all', 'warn']
        : ['Yes', 'good'];
  return html`<${Panel} title="Are users served?" json="/admin/v1/snapshot" id="serving"
    promql=${'histogram_quantile(0.99, sum by (le) (rate(cheshire_http_ttft_seconds_bucket[15m])))\n' +
    'histogram_quantile(0.99, sum by (le) (rate(cheshire_http_inter_token_seconds_bucket[15m])))\n' +
    'sum by (reason) (rate(cheshire_http_rejected_total[1m]))'}>
    <p class=${'answer ' + tone}>${answer}</p>
    <p class="why">${whole(figure('requests.active'))} active, ${whole(figure('engine.waiting'))} waiting,
      ${' ' + num(figure('engine.sequences_finished.rate'))} done/s</p>
    <dl class="stats">
      <${Stat} label="TTFT 50/95/99" title="Quantiles of the time to the first token, last 15 minutes"
        value=${secondsOf([0.5, 0.95, 0.99].map((q) => quantile('ttft', q)))} />
      <${Stat} label="ITL 50/99" title="Quantiles of the time between two tokens, last 15 minutes"
        value=${secondsOf([0.5, 0.99].map((q) => quantile('itl', q)))} />
      <${Stat} label="rejected a second" value=${num(figure('requests.rejected.rate'))}
        tone=${failing ? 'warn' : ''} />
      <${Stat} label="cancelled a second" value=${num(figure('requests.cancelled.rate'))} />
    </dl><//>`;
}

function Headroom() {
  const total = figure('kv.total');
  const used = isKnown(total) && total > 0 ? 1 - figure('kv.free') / total : null;
  const waiting = figure('engine.waiting');
  const preempted = figure('preemptions.rate');
  const [answer, tone] = !isKnown(waiting)
    ? [NONE, '']
    : preempted > 0 || used > 0.95
      ? ['At the limit', 'bad']
      : waiting > 0 || used > 0.8
        ? ['Near', 'warn']
        : ['Room left', 'good'];
  return html`<${Panel} title="How near is the limit?" json="/admin/v1/history?metric=kv.*,engine.*&seconds=60"
    id="headroom"
    promql=${'1 - cheshire_engine_kv_blocks_free / cheshire_engine_kv_blocks\n' +
    'rate(cheshire_engine_count_total{what="generated_tokens"}[1m])'}>
    <p class=${'answer ' + tone}>${answer}</p>
    <p class="why">${num(figure('tokens.generated.rate'))} tokens a second</p>
    <dl class="stats">
      <${Stat} label="KV blocks in use" value=${percent(used)} tone=${used > 0.8 ? 'warn' : ''} />
      <${Stat} label="preemptions a second" value=${num(preempted)} tone=${preempted > 0 ? 'bad' : ''} />
      <${Stat} label="sequences running" value=${whole(figure('engine.running'))} />
      <${Stat} label="sequences waiting" value=${whole(waiting)} tone=${waiting > 0 ? 'warn' : ''} />
    </dl><//>`;
}

function whyChanging(health) {
  if (!health) return 'No coordinator has answered yet.';
  if (!health.ready) return health.notReadyBecause;
  return health.atTarget ? 'All is where it ought to be.' : 'Units are on their way.';
}

function Changing({ s }) {
  const loading = (s.nodes ?? []).reduce((sum, node) => sum + node.loading.length, 0);
  const draining = (s.nodes ?? []).filter((node) => node.state === 'DRAINING').map((node) => node.id);
  const published = [...(s.events ?? [])].reverse().find((event) => event.kind === 'PUBLISHED');
  const calm = loading === 0 && draining.length === 0 && s.health?.atTarget && s.phase === 'STEADY';
  return html`<${Panel} title="What is changing?" json="/admin/v1/cluster" id="changing">
    <p class=${'answer ' + (calm ? 'good' : 'busy')}>${calm ? 'Nothing' : s.phase ? words(s.phase) : NONE}</p>
    <p class="why">
      ${whyChanging(s.health)}</p>
    <dl class="stats">
      <${Stat} label="epoch" value=${s.epochText ?? NONE} />
      <${Stat} label="published" value=${published ? span(s.timeMs - published.timeMs) + ' ago' : NONE} />
      <${Stat} label="units being loaded" value=${s.nodes ? whole(loading) : NONE} tone=${loading ? 'busy' : ''} />
      <${Stat} label="nodes that drain" value=${s.nodes ? draining.join(', ') || 'none' : NONE}
        tone=${draining.length ? 'warn' : ''} />
    </dl><//>`;
}

export function EventList({ events, most = 10 }) {
  const last = [...(events ?? [])].reverse().slice(0, most);
  return html`<ol class="events">${last.map(
    (event) => html`<li key=${event.sequence}>
    <time>${clock(event.timeMs)}</time><span class=${'kind ' + toneOf(event.kind)}>${words(event.kind)}</span>
    <span class="reason">${event.reason}</span></li>`,
  )}
    ${!last.length && html`<li class="empty">No event yet.</li>`}</ol>`;
}

const GRAVE = ['NODE_GONE', 'ROUTER_GONE', 'LOAD_FAILED', 'UNIT_DIFFERS', 'REPLICAS_DISAGREE', 'REFUSED'];
const NOTABLE = ['RESCUE', 'RESCUE_WAITS', 'HELD_BACK', 'DRAIN', 'NODE_LEAVING', 'RATE_LIMITED'];

export const toneOf = (kind) => (GRAVE.includes(kind) ? 'bad' : NOTABLE.includes(kind) ? 'warn' : '');

const hotness = (s, unit) =>
  unitName(s, unit) + ': ' + num(s.units.rows[unit]) + ' rows/s, nodes ' + holdersOf(s, unit).join(', ');

export function Overview() {
  const s = useLive().snapshot;
  const nodes = allNodes(s);
  const odd = oddOnes(nodes);
  const ill = nodes.filter((node) => ['bad', 'warn'].includes(condition(node)[1]));
  return html`<div class="grid overview">
    <${Safety} s=${s} /><${Serving} s=${s} /><${Headroom} /><${Changing} s=${s} />
    <${Panel} title="Which node is the odd one?" json="/admin/v1/cluster" id="odd" wide
      note=${
        ill.length
          ? ill
              .map((node) => 'node ' + node.id + ' is ' + condition(node)[0])
              .slice(0, 4)
              .join(', ')
          : odd.size
            ? [...odd]
                .map(([id, why]) => 'node ' + id + ': ' + why[0])
                .slice(0, 2)
                .join('; ')
            : 'none'
      }>
      <${NodeTiles} nodes=${nodes} odd=${odd} onOpen=${(node) => go('nodes', { node: node.id })} /><//>
    <${Panel} title="Which expert is hot?" note="rows a second, last 10 s" json="/admin/v1/snapshot" id="hot" wide>
      ${
        s.units
          ? html`<${HeatMap} columns=${s.layers} rows=${s.experts} cell=${10}
            label="Rows a second by layer and expert"
        columnTitle="layer" rowTitle="expert" value=${(l, e) => s.units.rows[unitOf(s, l, e)]} format=${num}
        describe=${(l, e) => hotness(s, unitOf(s, l, e))}
        onOpen=${(l, e) => go('experts', { layer: l, expert: e })} />`
          : html`<p class="empty">No placement yet.</p>`
      }<//>
    <${Panel} title="Tokens" note="15 min"
      json="/admin/v1/history?metric=tokens.generated.rate,requests.active,engine.waiting" wide>
      <${TimeChart} label="Generated tokens a second over 15 minutes" height=${118} format=${num}
        lines=${[
          { name: 'tokens.generated.rate', label: 'tokens generated/s' },
          { name: 'tokens.prompt.rate', label: 'prompt tokens/s' },
        ]} /><//>
    <${Panel} title="What happened?" json="/admin/v1/cluster" id="happened" wide><${EventList}
      events=${s.events} /><//>
  </div>`;
}

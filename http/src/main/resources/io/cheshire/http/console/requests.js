// What requests meet: queue, first token, every further token, and where the time of a step goes.

import { html } from './lib/htm-preact.js';
import { figure, quantile, series, steps } from './live.js';
import { Panel, Stat, useLive } from './base.js';
import { TimeChart, TimeHeat } from './charts.js';
import { isKnown, num, percent, seconds, whole } from './format.js';

const PHASES = [
  ['attention', 'attention and gate'],
  ['wait', 'wait for experts'],
  ['dispatch', 'dispatch'],
  ['device_queue', 'device queue'],
  ['logits', 'head'],
  ['sampling', 'sampler'],
  ['parked', 'parked'],
];

/** A phase's part of all time that lanes were busy. */
const partOf = (phase) => () => {
  const own = series('phase.' + phase + '.rate');
  const all = PHASES.map(([name]) => series('phase.' + name + '.rate'));
  return own.map((v, i) => {
    const sum = all.reduce((total, values) => total + (values[i] ?? 0), 0);
    return isKnown(v) && sum > 1e-6 ? v / sum : null;
  });
};

const kvUsed = () => {
  const free = series('kv.free');
  const total = series('kv.total');
  return total.map((t, i) => (isKnown(t) && isKnown(free[i]) && t > 0 ? 1 - free[i] / t : null));
};

function cachedPart() {
  const all = figure('tokens.prompt.rate');
  return all > 0 ? figure('tokens.cached.rate') / all : null;
}

const quantiles = (name, of) =>
  html`${of.map((q) => html`<${Stat} label=${'p' + q * 100} value=${seconds(quantile(name, q))} />`)}`;

export function Requests() {
  const s = useLive().snapshot;
  const sum = PHASES.reduce((total, [phase]) => total + (figure('phase.' + phase + '.rate') ?? 0), 0);
  return html`<div class="grid requests">
    <${Panel} title="Now" json="/admin/v1/snapshot" id="now">
      <dl class="stats column">
        <${Stat} label="requests active" value=${whole(figure('requests.active'))} />
        <${Stat} label="to be tokenised" value=${whole(figure('requests.unread'))} />
        <${Stat} label="sequences running" value=${whole(figure('engine.running'))} />
        <${Stat} label="sequences waiting" value=${whole(figure('engine.waiting'))} />
        <${Stat} label="sequences done a second" value=${num(figure('engine.sequences_finished.rate'))} />
        <${Stat} label="rejected a second" value=${num(figure('requests.rejected.rate'))} />
        <${Stat} label="steps a second" value=${num(figure('steps.rate'))} />
        <${Stat} label="prompt tokens from cache"
          value=${percent(cachedPart())} />
      </dl><//>
    <${Panel} title="Running and waiting"
      json="/admin/v1/history?metric=engine.running,engine.waiting,requests.active">
      <${TimeChart} label="Sequences running and waiting" format=${num} height=${170}
        lines=${[
          { name: 'engine.running', label: 'running' },
          { name: 'engine.waiting', label: 'waiting' },
          { name: 'requests.active', label: 'requests' },
        ]} /><//>
    <${Panel} title="KV blocks" note=${whole(figure('kv.total')) + ' in all'}
      json="/admin/v1/history?metric=kv.*,preemptions.rate">
      <${TimeChart} label="KV blocks in use" format=${percent} height=${170} range=${() => [0, 1]}
        lines=${[{ of: kvUsed, label: 'in use' }]} /><//>
    <${Panel} title="Time to the first token" json="/admin/v1/history?metric=ttft.le.*" id="ttft" wide
      actions=${html`<dl class="stats line">${quantiles('ttft', [0.5, 0.95, 0.99])}</dl>`}>
      <${TimeHeat} steps=${steps('ttft')} format=${seconds}
        label="Histogram of times to the first token over 15 minutes" height=${170} /><//>
    <${Panel} title="Between two tokens" json="/admin/v1/history?metric=itl.le.*" id="itl" wide
      actions=${html`<dl class="stats line">${quantiles('itl', [0.5, 0.95, 0.99])}</dl>`}>
      <${TimeHeat} steps=${steps('itl')} format=${seconds} label="Histogram of times between tokens over 15 minutes"
        height=${170} /><//>
    <${Panel} title="Where the lanes' time goes" note="part of the time of busy lanes"
      json="/admin/v1/history?metric=phase.*" wide id="phases">
      <div class="split" role="img" aria-label="Parts of a step now">${PHASES.map(([phase], at) => {
        const part = sum > 1e-6 ? (figure('phase.' + phase + '.rate') ?? 0) / sum : 0;
        return html`<i class=${'fill' + at} style=${{ width: part * 100 + '%' }}
          title=${PHASES[at][1] + ' ' + percent(part)}></i>`;
      })}</div>
      <${TimeChart} label="Parts of a step over 15 minutes" format=${percent} height=${170} stacked
        range=${() => [0, 1]}
        lines=${PHASES.map(([phase, label]) => ({ of: partOf(phase), label }))} /><//>
    <${Panel} title="Tokens" json="/admin/v1/history?metric=tokens.*" wide>
      <${TimeChart} label="Tokens a second" format=${num} height=${140}
        lines=${[
          { name: 'tokens.generated.rate', label: 'generated/s' },
          { name: 'tokens.prompt.rate', label: 'prompt/s' },
          { name: 'tokens.cached.rate', label: 'of them cached/s' },
        ]} /><//>
  </div>`;
}

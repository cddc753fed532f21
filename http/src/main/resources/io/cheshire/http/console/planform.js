// The form of a plan: fields, sliders and presets, and how they stand in the page's address.

import { html } from './lib/htm-preact.js';
import { Typed } from './base.js';
import { TraceField } from './plantrace.js';

/** Fields that are lists of whole numbers; a search looks at every combination. */
const LISTS = ['nodes', 'replicas', 'routers', 'spares', 'cells', 'racks'];
const WORDS = ['nodeClass', 'routerClass', 'survives', 'failures', 'trace'];
const NUMBERS = [
  'rate',
  'prompt',
  'output',
  'prefixTokens',
  'routingAlpha',
  'ttftP95Ms',
  'itlP99Ms',
  'availability',
  'nodeCost',
  'routerCost',
];

/** Numbers of a text such as "8, 16"; null where it is none. */
function listOf(text) {
  const parts = text.split(/[,\s]+/).filter(Boolean);
  return parts.length && parts.every((part) => /^[0-9]{1,4}$/.test(part)) ? parts.map(Number) : null;
}

/** A form as parameters of an address. */
export function toQuery(form) {
  const query = {};
  for (const [name, value] of Object.entries(form)) {
    if (value !== null && value !== undefined && value !== '') {
      query[name] = Array.isArray(value) ? value.join(',') : String(value);
    }
  }
  return query;
}

/** Parameters of an address over a form; what can't be read is left as it was. */
export function fromQuery(form, query) {
  const next = { ...form };
  for (const [name, text] of query) {
    if (LISTS.includes(name)) next[name] = listOf(text) ?? next[name];
    else if (NUMBERS.includes(name) && text !== '' && Number.isFinite(Number(text))) next[name] = Number(text);
    else if (WORDS.includes(name)) next[name] = text;
  }
  return next;
}

/** The form as it is sent: what is empty, or as the plan has it, is left to the plan, which may know it by a trace. */
export function toBody(form, base) {
  const body = Object.fromEntries(
    Object.entries(form).filter(
      ([name, value]) =>
        value !== null && value !== undefined && value !== '' && String(value) !== String(base[name] ?? ''),
    ),
  );
  if (body.trace) {
    // It has its lengths; what it is played at is always said, since the plan's own rate isn't the trace's.
    delete body.prompt;
    delete body.output;
    body.rate = form.rate;
  }
  // One of them replaces all that the plan has of lengths.
  else if (body.prompt || body.output) Object.assign(body, { prompt: form.prompt, output: form.output });
  return body;
}

/** Sliders go by powers: as much of their way leads from 1 to 10 as from 10 to 100. */
const SCALES = {
  rate: { low: 0.01, high: 1000, label: 'Requests a second' },
  prompt: { low: 1, high: 32768, label: 'Tokens of a prompt' },
  output: { low: 1, high: 8192, label: 'Tokens of an answer' },
};

const STEPS = 400;
const toStep = ({ low, high }, v) => Math.round((STEPS * Math.log(v / low)) / Math.log(high / low));
const fromStep = ({ low, high }, step) => {
  const v = low * (high / low) ** (step / STEPS);
  const digits = v >= 100 ? 0 : v >= 10 ? 1 : 2;
  return Number(v.toFixed(digits));
};

function Slider({ name, form, onChange, whole }) {
  const scale = SCALES[name];
  const value = form[name];
  // Lengths of one's own take the place of a trace's.
  const set = (v) =>
    onChange(whole ? { ...form, trace: null, [name]: Math.max(1, Math.round(v)) } : { ...form, [name]: v });
  return html`<div class="slider"><label>${scale.label}
      <input type="number" name=${name} min="0" step="any" value=${value}
        onInput=${(e) => e.target.value > 0 && set(Number(e.target.value))} /></label>
    <input type="range" min="0" max=${STEPS} aria-label=${scale.label + ', slider'} value=${toStep(scale, value)}
      onInput=${(e) => set(fromStep(scale, Number(e.target.value)))} /></div>`;
}

function Counts({ name, label, form, onChange, hint }) {
  const value = form[name] ?? [];
  return html`<label>${label} <${Typed} name=${name} inputmode="numeric" placeholder=${hint}
    value=${value.join(', ')} onDone=${(text) => onChange({ ...form, [name]: listOf(text) ?? value })} /></label>`;
}

function Figure({ name, label, form, onChange, hint }) {
  return html`<label>${label} <input type="number" name=${name} min="0" step="any" placeholder=${hint}
    value=${form[name] ?? ''} onInput=${(e) =>
      onChange({ ...form, [name]: e.target.value === '' ? null : Number(e.target.value) })} /></label>`;
}

function Word({ name, label, form, onChange, options }) {
  return html`<label>${label} <select name=${name} value=${form[name] ?? ''}
    onChange=${(e) => onChange({ ...form, [name]: e.target.value })}>
    ${options.map(([id, text]) => html`<option value=${id} selected=${id === form[name]}>${text}</option>`)}</select></label>`;
}

export function PlanForm({ form, catalogue, onChange }) {
  const part = { form, onChange };
  const classes = catalogue.classes.map((c) => [c.name, c.name + (c.assumed ? ' (data sheet)' : '')]);
  return html`<div class="planform">
    <div class="choice" role="group" aria-label="Presets of lengths">${catalogue.presets.map(
      (p) => html`<button type="button" aria-pressed=${!form.trace && p.prompt === form.prompt && p.output === form.output}
      onClick=${() => onChange({ ...form, trace: null, prompt: p.prompt, output: p.output })}>${p.name}</button>`,
    )}</div>
    <${Slider} name="rate" ...${part} /><${Slider} name="prompt" whole ...${part} />
    <${Slider} name="output" whole ...${part} />
    <${TraceField} catalogue=${catalogue} ...${part} />
    <h3>Fleet <span class="note">lists, such as 8, 16, are for a search</span></h3>
    <div class="fields"><${Counts} name="nodes" label="Expert nodes" hint="16" ...${part} />
      <${Counts} name="replicas" label="Copies of a unit" hint="2" ...${part} />
      <${Counts} name="routers" label="Routers" hint="2" ...${part} />
      <${Counts} name="spares" label="Spare nodes" hint="0" ...${part} />
      <${Counts} name="racks" label="Racks" hint="0" ...${part} />
      <${Counts} name="cells" label="Clusters" hint="1" ...${part} />
    </div><div class="fields two"><${Word} name="nodeClass" label="A node is" options=${classes} ...${part} />
      <${Word} name="routerClass" label="A router is" options=${classes} ...${part} /></div>
    <h3>Promises</h3>
    <div class="fields"><${Figure} name="ttftP95Ms" label="TTFT p95, ms" hint="none" ...${part} />
      <${Figure} name="itlP99Ms" label="ITL p99, ms" hint="none" ...${part} />
      <${Figure} name="availability" label="Availability" hint="0.9995" ...${part} />
      <${Word} name="survives" label="Survives" options=${[
        ['nothing', 'nothing'],
        ['node', 'any node'],
        ['rack', 'any rack'],
      ]} ...${part} /></div>
    <details><summary>Load and costs</summary><div class="fields">
      <${Figure} name="prefixTokens" label="Prompt tokens shared" hint="0" ...${part} />
      <${Figure} name="routingAlpha" label="Skew of experts (Zipf)" hint="0" ...${part} />
      <${Word} name="failures" label="Failures as" options=${[['', 'the plan has'], ...catalogue.failures.map((f) => [f, f])]}
        ...${part} />
      <${Figure} name="nodeCost" label="A node an hour" hint="0" ...${part} />
      <${Figure} name="routerCost" label="A router an hour" hint="0" ...${part} /></div></details>
  </div>`;
}

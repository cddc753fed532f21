// The fields of an experiment's file, to be filled in; every change writes the file anew.

import { html } from './lib/htm-preact.js';
import { Typed } from './base.js';
import { field, withField } from './yaml.js';

const NUMBERS = /^-?[0-9]+(\.[0-9]+)?$/;
const typed = (text) => (NUMBERS.test(text) ? Number(text) : text);

const TARGETS = [
  ['random', 'random'],
  ['node', 'node'],
  ['rack', 'rack'],
];

/** What a kind needs beside a target: field and a value to begin with. */
const NEEDS = { move: ['units', 8], loss: ['share', '20%'], delay: ['delay', '50ms'], 'slow-node': ['factor', 4] };

function Text({ form, path, label, hint, onChange }) {
  const value = field(form, path) ?? '';
  return html`<label>${label} <${Typed} name=${path.join('.')} placeholder=${hint} value=${String(value)}
    onDone=${(text) => onChange(withField(form, path, typed(text.trim())))} /></label>`;
}

/** A fault of another kind: what it doesn't have goes, what it needs comes. */
function ofKind(fault, kind, kinds) {
  const about = kinds.find((one) => one.kind === kind);
  const next = { at: fault.at, kind };
  if (about?.target) next.target = fault.target ?? { random: 1 };
  if (about?.lasts) next.for = fault.for ?? '3s';
  if (NEEDS[kind]) next[NEEDS[kind][0]] = fault[NEEDS[kind][0]] ?? NEEDS[kind][1];
  return next;
}

function Target({ fault, onChange, number }) {
  const [[kind, value]] = Object.entries(fault.target ?? { random: 1 });
  if (!TARGETS.some(([name]) => name === kind))
    return html`<span class="note">${kind}: as in the file</span>`;
  return html`<span class="pair"><select aria-label=${'Target of fault ' + number} value=${kind}
      onChange=${(e) => onChange({ ...fault, target: { [e.target.value]: e.target.value === 'random' ? 1 : value } })}>
      ${TARGETS.map(([id, text]) => html`<option value=${id}>${text}</option>`)}</select>
    <${Typed} size="4" aria-label=${'Which of fault ' + number} value=${String(value)}
      onDone=${(text) => onChange({ ...fault, target: { [kind]: typed(text.trim()) } })} /></span>`;
}

function Fault({ fault, kinds, number, onChange, onRemove }) {
  const about = kinds.find((one) => one.kind === fault.kind);
  const extra = NEEDS[fault.kind]?.[0];
  const set = (name) => (text) => onChange({ ...fault, [name]: typed(text.trim()) });
  const known = about ? kinds : [...kinds, { kind: fault.kind }];
  return html`<tr><td><${Typed} size="5" aria-label=${'Begin of fault ' + number} value=${fault.at}
      onDone=${set('at')} /></td>
    <td><select aria-label=${'Kind of fault ' + number} value=${fault.kind}
      onChange=${(e) => onChange(ofKind(fault, e.target.value, kinds))}>${known.map(({ kind }) => html`<option
      value=${kind}>${kind}</option>`)}</select></td>
    <td>${about?.target && html`<${Target} fault=${fault} number=${number} onChange=${onChange} />`}
      ${extra && html`<label class="inline">${extra} <${Typed} size="4" value=${String(fault[extra] ?? '')}
        aria-label=${extra + ' of fault ' + number} onDone=${set(extra)} /></label>`}</td>
    <td>${about?.lasts && html`<${Typed} size="5" aria-label=${'Duration of fault ' + number}
      value=${fault.for ?? ''} onDone=${set('for')} />`}</td>
    <td><button type="button" class="plain" aria-label=${'Remove fault ' + number} onClick=${onRemove}>✕</button></td>
  </tr>`;
}

export function ExperimentForm({ form, kinds, bounds, onChange }) {
  const faults = form.faults ?? [];
  const setFault = (i, fault) => onChange({ ...form, faults: faults.map((one, k) => (k === i ? fault : one)) });
  const add = () => {
    const at = faults.at(-1)?.at ?? '3s';
    onChange({ ...form, faults: [...faults, ofKind({ at }, kinds[0].kind, kinds)] });
  };
  const one = (path, label, hint) => html`<${Text} form=${form} path=${path} label=${label} hint=${hint}
    onChange=${onChange} />`;
  return html`<div class="fields column">
    ${one(['name'], 'Name', '')}
    <div class="fields">${one(['load', 'streams'], 'Streams at once', 'up to ' + bounds.streams)}
      ${one(['load', 'rate'], 'or a second', 'up to ' + bounds.rate)}
      ${one(['load', 'answer-tokens'], 'Tokens of an answer', '32')}
      ${one(['load', 'duration'], 'For', '10s')}</div>
    <table class="faults"><thead><tr><th>After</th><th>What</th><th>To whom</th><th>For</th><th></th></tr></thead>
      <tbody>${faults.map((fault, i) => html`<${Fault} key=${i} fault=${fault} kinds=${kinds} number=${i + 1}
        onChange=${(next) => setFault(i, next)}
        onRemove=${() => onChange({ ...form, faults: faults.filter((_, k) => k !== i) })} />`)}</tbody></table>
    <p><button type="button" onClick=${add}>Add a fault</button></p>
    <div class="fields">
      <label>Tokens <select name="hypothesis.tokens" value=${form.hypothesis?.tokens ?? ''}
        onChange=${(e) => onChange(withField(form, ['hypothesis', 'tokens'], e.target.value))}>
        <option value="identical">identical</option><option value="prefix">no wrong one</option>
        <option value="">not asked</option></select></label>
      ${one(['hypothesis', 'goodput-at-least'], 'Goodput at least', '25%')}
      ${one(['hypothesis', 'longest-gap-at-most'], 'Longest gap at most', '3s')}
      ${one(['hypothesis', 'whole-again-within'], 'Whole again within', '1m')}</div>
    <div class="fields">${one(['limits', 'max-nodes-down'], 'Nodes down at most', '1')}
      ${one(['limits', 'least-holders'], 'Holders left at least', '1')}
      ${one(['abort', 'longest-gap-above'], 'End it if a gap is above', '')}
      ${one(['abort', 'error-rate-above'], 'or errors above', '')}</div>
  </div>`;
}

// A trace by upload: the server judges its lines, the page only its size, so that nothing is sent in vain.

import { html, useState } from './lib/htm-preact.js';
import { post } from './live.js';
import { bytes, num, percent, whole } from './format.js';

const REMEDY =
  ': take a part of it, or plan with the whole of it on the command line (./cheshire plan what-if --trace FILE)';
/** Of a body beside its text. */
const ENVELOPE = 400;

const named = (name) =>
  name
    .replace(/[^A-Za-z0-9 ._()+-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 120) || 'trace';

/** As gzip in base64, where the browser can; a trace's digits become a quarter. */
async function body(file) {
  const name = named(file.name);
  if (!window.CompressionStream) return { name, text: await file.text() };
  const packed = await new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).blob();
  const gzip = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(packed);
  });
  return { name, gzip };
}

/** The form with a trace's rate and mean lengths, which stand for all of it until somebody changes them. */
export const withTrace = (form, trace) => ({
  ...form,
  trace: trace.id,
  rate: Number(trace.perSecond.toPrecision(4)),
  prompt: Math.max(1, Math.round(trace.prompt)),
  output: Math.max(1, Math.round(trace.output)),
});

export function TraceField({ form, catalogue, onChange }) {
  const [known, setKnown] = useState(catalogue.traces ?? []);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const limits = catalogue.traceLimits;
  const take = async (input) => {
    const file = input.files[0];
    if (!file) return;
    setProblem('');
    setBusy(true);
    try {
      if (file.size > limits.bytes)
        throw new Error(file.name + ' has ' + bytes(file.size) + '; the limit is ' + bytes(limits.bytes) + REMEDY);
      const sent = await body(file);
      const length = (sent.gzip ?? JSON.stringify(sent.text)).length + ENVELOPE;
      if (length > limits.bodyBytes)
        throw new Error(file.name + ' takes ' + bytes(length) + ' to send; the limit is ' + bytes(limits.bodyBytes) + REMEDY);
      const trace = await post('/admin/v1/plan/trace', sent);
      setKnown((before) => [...before.filter((t) => t.id !== trace.id), trace]);
      onChange(withTrace(form, trace));
    } catch (failure) {
      setProblem(failure.message);
    }
    setBusy(false);
    // So that the same file, corrected, can be chosen again.
    input.value = '';
  };
  const trace = known.find((t) => t.id === form.trace);
  return html`<div class="tracefield"><label>Trace of arrivals and lengths
      <input type="file" name="trace" accept=".csv,.jsonl,.json,.txt" disabled=${busy} aria-describedby="tracehint"
        onChange=${(e) => take(e.target)} /></label>
    <p class="note" id="tracehint">Azure or BurstGPT (CSV), Mooncake (JSONL) or a request file of bench serve; at most
      ${' ' + bytes(limits.bytes)} and ${whole(limits.lines)} lines</p>
    ${busy && html`<p role="status">Reading …</p>`}
    ${problem && html`<p class="bad" role="alert" id="traceproblem">${problem}</p>`}
    ${form.trace && html`<p class="note" id="traceshown">${
      trace
        ? trace.name + ': ' + whole(trace.requests) + ' requests at ' + num(trace.perSecond) + '/s, gaps with cv ' +
          num(trace.gapCv) + ', busiest minute × ' + num(trace.busiest) +
          (trace.prefixShare > 0 ? ', ' + percent(trace.prefixShare) + ' of prompts shared' : '')
        : 'an uploaded trace'
    } <button type="button" class="plain" id="untrace" onClick=${() => onChange({ ...form, trace: null })}>Leave it out</button></p>`}
  </div>`;
}

// Parts that pages are made of.

import { html, useEffect, useReducer, useRef, useState } from './lib/htm-preact.js';
import { live, post, subscribe } from './live.js';
import { isKnown, median, NONE, words } from './format.js';

export { html };

/** Draws its component again when something came in. */
export function useLive() {
  const [, draw] = useReducer((n) => n + 1, 0);
  useEffect(() => subscribe(draw), []);
  return live;
}

// ---- where we are: #/experts?layer=12

export function place() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  return { page: path || 'overview', query: new URLSearchParams(query ?? '') };
}

export function go(page, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, v]) => v !== null && v !== undefined));
  location.hash = '#/' + page + (query.size ? '?' + query : '');
}

/** A parameter of the address, and how to change it without leaving the page. */
export function useParameter(name, otherwise) {
  const { page, query } = place();
  const set = (value) => {
    const next = new URLSearchParams(query);
    if (value === null || String(value) === String(otherwise)) next.delete(name);
    else next.set(name, value);
    go(page, Object.fromEntries(next));
  };
  return [query.get(name) ?? otherwise, set];
}

// ---- panels

/** A titled box; `json` is the endpoint that its figures come from, `promql` asks a Prometheus for the same. */
export function Panel({ title, note, json, promql, wide, children, id, actions }) {
  return html`<section class=${'panel' + (wide ? ' wide' : '')} id=${id} aria-label=${title}>
    <header>
      <h2>${title}</h2>
      ${note && html`<span class="note" title=${note}>${note}</span>`}
      <span class="space"></span>
      ${actions}
      ${
        (json || promql) &&
        html`<span class="sources">${json && html`<${JsonLink} path=${json} />`}
        ${promql && html`<button type="button" class="json" title="as a query of Prometheus"
          onClick=${() => showText('PromQL: ' + title, promql)}>PromQL</button>`}</span>`
      }
    </header>
    ${children}
  </section>`;
}

/** Experiments have a key of their own, which no link can send. */
const isChaos = (path) => path.startsWith('/admin/v1/chaos');

/** Opens what a panel is made from. With a key the browser can't follow a link, so it is fetched and shown. */
function JsonLink({ path }) {
  return html`<a class="json" href=${path} target="_blank" rel="noopener" title=${'as JSON: ' + path}
    onClick=${(e) => {
      if (!sessionStorage.getItem('cheshire.ops.key') && !isChaos(path)) return;
      e.preventDefault();
      showJson(path);
    }}>JSON</a>`;
}

let openJson = null;

export function showJson(path) {
  openJson?.(path);
}

/** Shows words to copy. */
export function showText(title, text) {
  openText?.(title, text);
}

let openText = null;

export function JsonViewer() {
  const [path, setPath] = useState(null);
  const [text, setText] = useState('');
  openText = (title, shown) => {
    setPath(title);
    setText(shown);
  };
  openJson = async (wanted) => {
    setPath(wanted);
    setText('…');
    try {
      const { get } = await import('./live.js');
      const { chaosGet } = await import('./chaosapi.js');
      const answer = isChaos(wanted) ? await chaosGet(wanted.slice('/admin/v1/chaos'.length)) : await get(wanted);
      setText(JSON.stringify(answer, null, 1));
    } catch (failure) {
      setText(failure.message);
    }
  };
  if (!path) return null;
  return html`<${Dialog} title=${path} onClose=${() => setPath(null)}><pre class="jsontext" tabindex="0">${text}</pre><//>`;
}

export function Stat({ label, value, tone, title }) {
  return html`<div class="stat" title=${title}><dt>${label}</dt><dd class=${tone ?? ''}>${value}</dd></div>`;
}

/** A field that keeps what is being typed while the page around it is drawn again; it counts once the field is left. */
export function Typed({ value, onDone, ...rest }) {
  const [text, setText] = useState(null);
  const done = (e) => {
    setText(null);
    onDone(e.target.value);
  };
  return html`<input type="text" ...${rest} value=${text ?? value} onInput=${(e) => setText(e.target.value)}
    onChange=${done} />`;
}

export function Choice({ label, options, value, onChange }) {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([id, text]) => html`<button type="button" aria-pressed=${String(id) === String(value)}
      onClick=${() => onChange(id)}>${text}</button>`,
    )}
  </div>`;
}

export function Empty({ children }) {
  return html`<p class="empty">${children}</p>`;
}

/** A table that its heads sort. columns: [{ id, title, value, show, right }]. */
export function Table({ columns, rows, sort, onSort, rowKey, onRow, label }) {
  const [id, down] = sort.startsWith('-') ? [sort.slice(1), true] : [sort, false];
  const column = columns.find((c) => c.id === id) ?? columns[0];
  const sorted = [...rows].sort((a, b) => {
    const x = column.value(a);
    const y = column.value(b);
    const order =
      isKnown(x) && isKnown(y) ? x - y : isKnown(x) ? -1 : isKnown(y) ? 1 : String(x).localeCompare(String(y));
    return down ? -order : order;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table>
    <thead><tr>${columns.map(
      (c) => html`<th class=${c.right ? 'right' : ''}
      aria-sort=${c.id === column.id ? (down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick=${() => onSort(c.id === id && !down ? '-' + c.id : c.id)}
        title=${c.help ?? c.title}>
        ${c.title}<span class="arrow" aria-hidden="true">${c.id === column.id ? (down ? '▾' : '▴') : ''}</span>
      </button></th>`,
    )}</tr></thead>
    <tbody>${sorted.map(
      (row) => html`<tr key=${rowKey(row)} onClick=${onRow && (() => onRow(row))}
      class=${onRow ? 'link' : ''}>
      ${columns.map((c) => html`<td class=${c.right ? 'right' : ''}>${(c.show ?? c.value)(row)}</td>`)}
    </tr>`,
    )}</tbody></table></div>`;
}

// ---- dialogs and what is asked of the cluster

export function Dialog({ title, onClose, children, tone }) {
  const ref = useRef(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return html`<dialog ref=${ref} class=${tone ?? ''} aria-label=${title} onCancel=${(e) => {
    e.preventDefault();
    onClose();
  }}>
    <header><h2>${title}</h2><span class="space"></span>
      <button type="button" class="plain" aria-label="Close" onClick=${onClose}>✕</button></header>
    ${children}
  </dialog>`;
}

let openConfirm = null;

/** Asks before the cluster is changed; `effects` says in words what will be. */
export function ask(request) {
  openConfirm?.(request);
}

export function Confirm() {
  const [request, setRequest] = useState(null);
  const [reason, setReason] = useState('');
  const [result, setResult] = useState(null);
  openConfirm = (wanted) => {
    setReason('');
    setResult(null);
    setRequest(wanted);
  };
  if (!request) return null;
  const send = async (e) => {
    e.preventDefault();
    setResult({ busy: true });
    try {
      const reply = await post('/admin/v1/cluster/' + request.what, {
        ...request.body,
        ...(reason ? { reason } : {}),
      });
      setResult({ ok: true, text: reply.message });
    } catch (failure) {
      setResult({ ok: false, text: failure.message });
    }
  };
  return html`<${Dialog} title=${request.title} tone=${request.grave ? 'grave' : ''}
    onClose=${() => setRequest(null)}>
    <form onSubmit=${send}>
      <ul class="effects">${request.effects.map((effect) => html`<li>${effect}</li>`)}</ul>
      ${
        !result?.ok &&
        html`<label>Reason, for the cluster's events
        <input type="text" maxlength="200" value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>`
      }
      ${result && !result.busy && html`<p role="status" class=${result.ok ? 'good' : 'bad'}>${result.text}</p>`}
      <footer>
        ${
          result?.ok
            ? html`<button type="button" class="main" onClick=${() => setRequest(null)}>Done</button>`
            : html`<button type="button" onClick=${() => setRequest(null)}>Cancel</button>
            <button type="submit" class=${request.grave ? 'danger' : 'main'} disabled=${result?.busy}>
              ${request.verb}</button>`
        }
      </footer>
    </form>
  <//>`;
}

// ---- nodes

/** Every node that there is, was, or ought to be, with what the router says of it. */
export function allNodes(snapshot) {
  const byId = new Map();
  for (let id = 0; id < (snapshot?.expectedNodes ?? 0); id++) byId.set(id, { id, state: 'GONE' });
  for (const node of snapshot?.nodes ?? []) byId.set(node.id, { ...node });
  for (const link of snapshot?.links ?? []) {
    const node = byId.get(link.node) ?? { id: link.node, state: 'GONE' };
    byId.set(link.node, { ...node, link });
  }
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/** A node's state in a word, the gravest first, and its tone. */
export function condition(node) {
  if (node.state === 'GONE' || node.state === 'STOPPED') return ['gone', 'bad'];
  if (node.link && !node.link.connected && node.state !== 'JOINING') return ['unreachable', 'bad'];
  if (node.link?.suspect) return ['suspect', 'bad'];
  if (node.state === 'DRAINING') return [node.unused ? 'drained' : 'draining', 'warn'];
  if (node.link?.slow) return ['slow', 'warn'];
  if (node.state !== 'SERVING') return [words(node.state), 'warn'];
  if (node.loading?.length) return ['loading', 'busy'];
  return ['ready', 'good'];
}

const TESTS = [
  // Small batches cost more a row: only nodes that have much to do can be compared.
  ['time a row', (n) => (n.busy > 0.15 ? n.busy / n.rows : null), 2, 0],
  ['wait of a shard', (n) => n.queueSeconds, 4, 0.02],
  ['response time', (n) => n.link?.slowness ?? null, 1.8, 0],
];

/** Nodes that differ from their peers, with the reason in words: what no threshold finds. */
export function oddOnes(nodes) {
  const odd = new Map();
  for (const [what, value, times, atLeast] of TESTS) {
    const middle = median(nodes.map(value));
    if (!middle) continue;
    for (const node of nodes) {
      const v = value(node);
      if (isKnown(v) && v > middle * times && v - middle > atLeast) {
        odd.set(node.id, [...(odd.get(node.id) ?? []), what + ' ' + (v / middle).toFixed(1) + ' × the median']);
      }
    }
  }
  return odd;
}

/** Where a process is, for people. */
export const hostOf = (address) =>
  !address ? NONE : address.includes('@') ? address.replace(/^.*@/, '') : 'this process';

/** Gives a table to the browser as a file. */
export function saveCsv(name, rows) {
  const cell = (v) => (v === null || v === undefined ? '' : /[",\n]/.test(String(v)) ? JSON.stringify(v) : String(v));
  const text = rows.map((row) => row.map(cell).join(',')).join('\n') + '\n';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// ---- units

export const unitOf = (snapshot, layer, expert) => layer * snapshot.experts + expert;

export const unitName = (snapshot, unit) =>
  'layer ' + Math.floor(unit / snapshot.experts) + ', expert ' + (unit % snapshot.experts);

export const holdersOf = (snapshot, unit) => snapshot.nodesByUnit?.[unit] ?? [];

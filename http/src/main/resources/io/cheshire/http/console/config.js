// What this router goes by and what it is.

import { html, useEffect, useState } from './lib/htm-preact.js';
import { get } from './live.js';
import { Choice, Empty, Panel, useLive, useParameter } from './base.js';
import { NONE } from './format.js';

const LICENCES = [
  ['Cheshire', 'LICENSE in its sources'],
  ['Preact 10 and htm 3 (pages)', 'MIT, Apache 2.0'],
  ['uPlot 1.6 (charts)', 'MIT'],
  ['Armeria, Netty, Pekko, Aeron, Agrona, Jackson, Micrometer, oneDNN', 'Apache 2.0'],
];

export function Config() {
  const live = useLive();
  const [answer, setAnswer] = useState(null);
  const [failure, setFailure] = useState('');
  const [version, setVersion] = useState(null);
  const [show, setShow] = useParameter('show', 'all');
  const [search, setSearch] = useState('');
  useEffect(() => {
    get('/admin/v1/settings').then(setAnswer, (problem) => setFailure(problem.message));
    get('/version').then(setVersion, () => {});
  }, [live.status === 'key']);
  const s = live.snapshot;
  const settings = (answer?.settings ?? []).filter(
    (one) => (show === 'all' || !one.isDefault) && one.key.includes(search.trim()),
  );
  const facts = [
    { name: 'Version', value: version?.version ?? NONE },
    ...(answer?.about ?? []),
    { name: 'Cluster', value: s?.cluster ?? NONE },
    { name: 'Context', value: s?.contextTokens ? s.contextTokens.toLocaleString('en-US') + ' tokens' : NONE },
  ];
  return html`<div class="grid config">
    <${Panel} title="About" json="/version" id="about"><dl class="facts">${facts.map((fact) => html`<dt>
      ${fact.name}</dt><dd>${fact.value}</dd>`)}</dl><//>
    <${Panel} title="Licences" id="licences"><dl class="facts">${LICENCES.map(([name, text]) => html`<dt>
      ${name}</dt><dd>${text}</dd>`)}</dl>
      <p class="note">Every library stands with its version in the product's folder lib.</p><//>
    <${Panel} title="Settings in force" note="secrets are not shown" json="/admin/v1/settings" id="settings" wide
      actions=${html`<label class="inline">Find <input type="search" value=${search}
        onInput=${(e) => setSearch(e.target.value)} /></label>
        <${Choice} label="Which settings" value=${show} onChange=${setShow} options=${[
          ['all', 'all'],
          ['set', 'set by somebody'],
        ]} />`}>
      ${failure && html`<p class="bad" role="alert">${failure}</p>`}
      ${
        answer &&
        html`<div class="scroll tall" tabindex="0" role="region" aria-label="Settings"><table><thead><tr>
          <th>Setting</th><th>Value</th><th>From</th></tr></thead>
        <tbody>${settings.map((one) => html`<tr key=${one.key} class=${one.isDefault ? 'quiet' : ''}><td
          class="mono">${one.key}</td><td class="mono">${one.value === '' ? html`<span
            class="note">empty</span>` : one.value}</td><td>${one.origin}</td></tr>`)}</tbody></table>
        ${!settings.length && html`<${Empty}>None.<//>`}</div>`
      }<//>
  </div>`;
}

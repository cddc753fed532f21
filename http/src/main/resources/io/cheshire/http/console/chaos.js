// Hurts the cluster on purpose: an experiment is a file, its effect a picture, its verdict a proof.

import { html, useEffect, useRef, useState } from './lib/htm-preact.js';
import { Choice, Dialog, Empty, Panel, useLive, useParameter } from './base.js';
import { chaosGet, chaosKey, chaosPost, openReport, setChaosKey } from './chaosapi.js';
import { ExperimentForm } from './chaosform.js';
import { RunChart } from './runchart.js';
import { clock, span, words } from './format.js';
import { yaml } from './yaml.js';

const POLL_MS = 1000;
const TYPING_MS = 400;
const TONES = { HELD: 'good', NOT_HELD: 'bad', ABORTED: 'warn', NOT_JUDGED: 'warn' };

export function Chaos() {
  const s = useLive().snapshot;
  const [key, setKey] = useState(chaosKey());
  const [refused, setRefused] = useState('');
  if (!s.chaos?.enabled) return html`<${Off} />`;
  if (!key)
    return html`<${KeyPanel} refused=${refused} onKey=${(text) => {
      setChaosKey(text);
      setRefused('');
      setKey(text);
    }} />`;
  const forget = (why = '') => {
    setChaosKey('');
    setRefused(why);
    setKey('');
  };
  return html`<${Bench} forget=${forget} />`;
}

function Off() {
  return html`<${Panel} title="Experiments are off" id="chaosoff" wide>
    <p>They hurt the cluster on purpose: moves and drains on this one, kills and partitions on a simulation of one, under
      a load of their own; every token is held against a run without faults.</p>
    <p>To switch them on, start the router with these settings, and with a key that is not the one of operations:</p>
    <pre class="mono">cheshire.chaos.enabled = on
cheshire.chaos.key = …</pre>
    <p class="note">On processes of their own, with kill -9, they run from the command line:
      <span class="mono"> ./cheshire chaos run FILE --html OUT</span></p><//>`;
}

function KeyPanel({ onKey, refused }) {
  const [text, setText] = useState('');
  const save = (e) => {
    e.preventDefault();
    onKey(text.trim());
  };
  return html`<${Panel} title="Key of experiments" id="chaoskey">
    <form class="fields" onSubmit=${save}>
      ${refused && html`<p class="bad" role="alert">${refused}</p>`}
      <label>Key (cheshire.chaos.key) <input type="password" autocomplete="off" value=${text}
        onInput=${(e) => setText(e.target.value)} /></label>
      <button type="submit" class="main" disabled=${!text.trim()}>Use it</button>
    </form>
    <p class="note">It is another one than that of operations, sent with requests of this tab, and forgotten with it.</p>
  <//>`;
}

/** The laboratory's state, asked for once a second while the page is looked at. */
function useLaboratory(forget) {
  const [state, setState] = useState(null);
  const [catalogue, setCatalogue] = useState(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let timer = null;
    let over = false;
    let known = null;
    const look = async () => {
      try {
        if (!document.hidden) {
          const now = await chaosGet();
          if (!known) setCatalogue((known = await chaosGet('/catalogue')));
          if (!over) setState(now);
          setProblem('');
        }
      } catch (failure) {
        if (failure.status === 401) return forget('This key is not the one of experiments.');
        setProblem(failure.message);
      }
      if (!over) timer = setTimeout(look, POLL_MS);
    };
    look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return { state, catalogue, problem };
}

function Bench({ forget }) {
  const { state, catalogue, problem } = useLaboratory(forget);
  const [chosen, setChosen] = useParameter('report', '');
  if (!state || !catalogue) return html`<${Empty}>${problem || 'Asking the laboratory …'}<//>`;
  const latest = state.reports.find((one) => one.id === chosen) ?? state.reports[0];
  return html`<div class="grid chaos">
    ${problem && html`<p class="banner bad" role="alert">${problem}</p>`}
    ${state.running && html`<${Running} run=${state.running} />`}
    ${latest && html`<${ReportPanel} head=${latest} />`}
    <${Editor} catalogue=${catalogue} running=${state.running} forget=${forget} />
    <${Archive} heads=${state.reports} chosen=${latest?.id} onChoose=${setChosen} most=${catalogue.bounds.reports} />
  </div>`;
}

function Running({ run }) {
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState(false);
  const last = run.said.at(-1)?.text ?? 'it begins …';
  const stop = async (why) => {
    setAsking(false);
    try {
      await chaosPost('/abort', { why });
    } catch (failure) {
      setProblem(failure.message);
    }
  };
  return html`<${Panel} title=${'Running: ' + run.name} id="running" wide json="/admin/v1/chaos"
    note=${'on ' + run.on + ', for ' + span(run.nowMs) + '; over at the latest in ' + span(run.untilMs - run.startedMs - run.nowMs)}
    actions=${html`<button type="button" class="danger" id="abort" disabled=${run.ending !== ''}
      onClick=${() => setAsking(true)}>${run.ending ? 'Ending …' : 'End it …'}</button>`}>
    <p class="why" role="status">${last}</p>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${run.on === 'running' ? html`<${RunChart} run=${run} />` : html`<p class="note">Its time is virtual: it takes some
      seconds, and its picture comes with its report.</p>`}
    <ol class="events said">${run.said.slice(-6).map((one) => html`<li key=${one.atMs + one.text}><time>
      ${(one.atMs / 1000).toFixed(1)} s</time><span class="reason">${one.text}</span></li>`)}</ol>
    ${asking && html`<${Reason} title=${'End ' + run.name} verb="End it" effects=${[
      'New streams of its load stop, and what it did is taken back at once.',
      'It has no verdict but that it was ended.',
    ]} onClose=${() => setAsking(false)} onReason=${stop} />`}
  <//>`;
}

/** Asks for the reason of something that is done; nothing is done without one. */
function Reason({ title, verb, effects, onClose, onReason }) {
  const [why, setWhy] = useState('');
  const send = (e) => {
    e.preventDefault();
    onReason(why.trim());
  };
  return html`<${Dialog} title=${title} tone="grave" onClose=${onClose}><form onSubmit=${send}>
    <ul class="effects">${effects.map((effect) => html`<li>${effect}</li>`)}</ul>
    <label>Why, for the log <input type="text" maxlength="200" value=${why} required
      onInput=${(e) => setWhy(e.target.value)} /></label>
    <footer><button type="button" onClick=${onClose}>Cancel</button>
      <button type="submit" class="danger" disabled=${!why.trim()}>${verb}</button></footer>
  </form><//>`;
}

/** What the server says of a text, a moment after the last change to it. */
function useCheck(file, on, forget) {
  const [found, setFound] = useState({ busy: true });
  const asked = useRef(0);
  useEffect(() => {
    const number = ++asked.current;
    setFound((before) => ({ ...before, busy: true }));
    const timer = setTimeout(async () => {
      try {
        const answer = await chaosPost('/check', { file, on });
        if (asked.current === number) setFound({ answer, form: answer.form });
      } catch (failure) {
        if (failure.status === 401) forget('This key is not the one of experiments.');
        if (asked.current === number) setFound((before) => ({ problem: failure.message, form: before.form }));
      }
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [file, on]);
  return found;
}

/** What was written last: it outlives the page and a change of the theme, but not the tab. */
let draft = null;

function Editor({ catalogue, running, forget }) {
  const [named, setExample] = useParameter('example', '');
  const kept = draft && (!named || named === draft.example) ? draft : null;
  const wanted = named || kept?.example || 'node-drained';
  const first = catalogue.examples.find((one) => one.id === wanted) ?? catalogue.examples[0];
  const example = first.id;
  const [file, setFile] = useState(kept?.file ?? first.file);
  const [on, setOn] = useState(kept?.on ?? first.on);
  draft = { example, file, on };
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState('');
  const found = useCheck(file, on, forget);
  const take = (one) => {
    setExample(one.id);
    setFile(one.file);
    setOn(one.on);
  };
  const start = async (why) => {
    setAsking(false);
    try {
      await chaosPost('/start', { file, on, why });
      setTold('');
      scrollTo(0, 0);
    } catch (failure) {
      setTold(failure.message);
    }
  };
  const targets = found.answer?.targets ?? [];
  return html`
    <${Panel} title="Experiments" id="examples" json="/admin/v1/chaos/catalogue">
      <ul class="plainlist">${catalogue.examples.map((one) => html`<li key=${one.id}><button type="button"
        title=${one.description} aria-pressed=${one.id === example} onClick=${() => take(one)}>
        ${words(one.id).replaceAll('-', ' ')}</button></li>`)}</ul>
      <p class="note">${first.description}. Or write or paste a file of your own below.</p><//>
    <${Panel} title="Form" id="form" actions=${html`<${Choice} label="On what" value=${on} onChange=${setOn}
      options=${[
        ['running', 'this cluster'],
        ['simulation', 'simulation'],
      ]} />`}>
      ${
        found.form
          ? html`<${ExperimentForm} form=${found.form} kinds=${catalogue.kinds[on]} bounds=${catalogue.bounds}
            onChange=${(form) => setFile(yaml(form))} />`
          : html`<${Empty}>${found.busy ? 'Reading the file …' : 'The form appears when the file can be read.'}<//>`
      }<//>
    <${Panel} title="File" id="file" note="what chaos run takes, too">
      <textarea class="mono" aria-label="The experiment's file" rows="26" spellcheck=${false} value=${file}
        onInput=${(e) => setFile(e.target.value)}></textarea><//>
    <${Panel} title="Who would be hit" id="targets" wide
      note=${
        found.busy
          ? 'looking …'
          : found.answer && !found.answer.certain
            ? 'the simulation draws its cluster when it begins: these are of one like it'
            : ''
      }
      actions=${html`<button type="button" class="danger" id="start" disabled=${!found.answer || found.busy || !!running}
        onClick=${() => setAsking(true)}>Start …</button>`}>
      ${found.problem && html`<p class="bad" role="alert" id="problem">${found.problem}</p>`}
      ${told && html`<p class="bad" role="alert">${told}</p>`}
      <div class="scroll" tabindex="0" role="region" aria-label="Who would be hit"><table><thead><tr><th>After</th>
        <th>What</th><th>Who</th><th>Taken back</th></tr></thead>
        <tbody>${targets.map((t) => html`<tr key=${t.at + t.words}><td>${t.at}</td><td>${t.words}</td><td>
          ${t.who.join(', ') || (t.units.length ? 'units ' + t.units.join(', ') : '–')}</td><td>
          ${t.lasts ? 'after ' + (t.endMs - t.atMs) / 1000 + ' s' : 'nothing to take back'}</td></tr>`)}</tbody>
      </table></div><//>
    ${asking && html`<${Reason} title=${'Start ' + found.answer?.name} verb="Start it" effects=${[
      on === 'running'
        ? 'This cluster is hurt, and whoever it serves may feel it: ' + targets.map((t) => t.words).join('; ') + '.'
        : 'A simulated cluster is hurt; this router computes it, for some seconds, on a core of its own.',
      ...(on === 'running' ? ['Streams of its own run meanwhile and take their share of the rate.'] : []),
      'What is done is taken back by itself, even if this page or this router is gone.',
    ]} onClose=${() => setAsking(false)} onReason=${start} />`}`;
}

function ReportPanel({ head }) {
  const [report, setReport] = useState(null);
  const [problem, setProblem] = useState('');
  const judged = head.outcome !== 'NOT_JUDGED';
  useEffect(() => {
    setReport(null);
    setProblem('');
    if (judged) chaosGet('/reports/' + head.id).then(setReport, (failure) => setProblem(failure.message));
  }, [head.id]);
  return html`<${Panel} title=${'Verdict: ' + head.name} id="verdict" note=${'on ' + head.on + ', ' + clock(head.startedMs)}
    actions=${judged && html`<button type="button" id="openreport" onClick=${() =>
      openReport(head.id).catch((failure) => setProblem(failure.message))}>Open the report</button>`}>
    <p class=${'answer ' + TONES[head.outcome]} data-outcome=${head.outcome}>${words(head.outcome)}</p>
    <p class="why">${head.why}</p>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${
      report &&
      html`<div class="scroll" tabindex="0" role="region" aria-label="Claims"><table><thead><tr><th>Claim</th>
      <th>Found</th><th>Asked</th><th></th></tr></thead><tbody>${report.verdict.claims.map((claim) => html`<tr
        key=${claim.claim}><td>${claim.claim}</td><td>${claim.figure}</td><td>${claim.limit}</td><td
        class=${claim.holds ? 'good' : 'bad'}>${claim.holds ? 'holds' : 'does not hold'}</td></tr>`)}</tbody></table></div>`
    }<//>`;
}

function Archive({ heads, chosen, onChoose, most }) {
  const [pair, setPair] = useState([]);
  const [rows, setRows] = useState(null);
  const [problem, setProblem] = useState('');
  const judged = heads.filter((one) => one.outcome !== 'NOT_JUDGED');
  const there = pair.filter((id) => judged.some((one) => one.id === id));
  const toggle = (id) => {
    setRows(null);
    setProblem('');
    setPair(there.includes(id) ? there.filter((one) => one !== id) : [...there, id].slice(-2));
  };
  const compare = () =>
    chaosGet('/compare?a=' + there[0] + '&b=' + there[1]).then(
      (answer) => setRows(answer.rows),
      (failure) => setProblem(failure.message),
    );
  return html`<${Panel} title="Earlier" id="archive" wide json="/admin/v1/chaos"
    note=${'the latest ' + most + ', in this router\u2019s memory'}
    actions=${html`<button type="button" id="compare" disabled=${there.length < 2} onClick=${compare}>Compare two</button>`}>
    ${!heads.length && html`<${Empty}>None yet.<//>`}
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${
      heads.length > 0 &&
      html`<div class="scroll" tabindex="0" role="region" aria-label="Earlier experiments"><table><thead><tr><th></th>
      <th>When</th><th>Name</th><th>On</th><th>Verdict</th><th>Why</th></tr></thead>
      <tbody>${heads.map((one) => html`<tr key=${one.id} class=${one.id === chosen ? '' : 'quiet'}>
        <td><input type="checkbox" aria-label=${'Compare ' + one.name + ' of ' + clock(one.startedMs)}
          disabled=${one.outcome === 'NOT_JUDGED'} checked=${there.includes(one.id)}
          onChange=${() => toggle(one.id)} /></td>
        <td>${clock(one.startedMs)}</td><td><button type="button" class="plain" onClick=${() => onChoose(one.id)}>
          ${one.name}</button></td><td>${one.on}</td><td class=${TONES[one.outcome]}>${words(one.outcome)}</td>
        <td>${one.why}</td></tr>`)}</tbody></table></div>`
    }
    ${
      rows &&
      html`<div class="scroll" tabindex="0" role="region" aria-label="Two side by side" id="compared"><table><thead><tr>
      ${rows[0].map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.slice(1).map((row) => html`<tr>
      ${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
    }<//>`;
}

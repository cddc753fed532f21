// How many nodes, copies and routers a load needs: a form, and what the closed form says to every change of it.

import { html, useEffect, useRef, useState } from './lib/htm-preact.js';
import { get, live, post } from './live.js';
import { allNodes, Empty, Panel, place, showText, Stat } from './base.js';
import { Memory, SweepChart, Timeline, Waterfall } from './plancharts.js';
import { fromQuery, PlanForm, toBody, toQuery } from './planform.js';
import { Simulation } from './simulated.js';
import { Accuracy, band, Candidates, ms, TwoPlans } from './plantables.js';
import { bytes, isKnown, nines, num, percent, seconds } from './format.js';

const BUSY_MS = 250;
const WRITTEN_MS = 400;

/** Asks for one answer at a time, and then for the latest form; a busy planner is asked again. */
function useAnswer(form, base) {
  const [state, setState] = useState({ answer: null, problem: '', tookMs: null });
  const asked = useRef({ running: false, form: null });
  useEffect(() => {
    asked.current.form = form;
    if (!form || asked.current.running) return;
    asked.current.running = true;
    (async () => {
      let done = null;
      while (asked.current.form && asked.current.form !== done) {
        const now = asked.current.form;
        const began = performance.now();
        try {
          const answer = await post('/admin/v1/plan/screen', toBody(now, base));
          setState({ answer, problem: '', tookMs: performance.now() - began });
          done = now;
        } catch (failure) {
          if (failure.status === 503) await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
          else {
            setState((before) => ({ ...before, problem: failure.message }));
            done = now;
          }
        }
      }
      asked.current.running = false;
    })();
  }, [form]);
  useEffect(() => () => (asked.current.form = null), []);
  return state;
}

const mean = (name) => {
  const values = (live.series.get(name) ?? []).filter(isKnown);
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
};

/** The form as this cluster has it: its nodes, and what was asked of this router in the last quarter of an hour. */
function asHere(form) {
  const next = { ...form };
  const nodes = allNodes(live.snapshot).filter((node) => node.state !== 'GONE').length;
  if (nodes) next.nodes = [nodes];
  const routers = live.snapshot?.routers?.length;
  if (routers) next.routers = [routers];
  const rate = mean('engine.sequences_finished.rate');
  if (rate > 0) {
    next.rate = Number((rate * (routers || 1)).toPrecision(3));
    const prompt = mean('tokens.prompt.rate');
    const output = mean('tokens.generated.rate');
    next.trace = null;
    if (prompt > 0) next.prompt = Math.max(1, Math.round(prompt / rate));
    if (output > 0) next.output = Math.max(1, Math.round(output / rate));
  }
  return next;
}

export function Planner() {
  const [catalogue, setCatalogue] = useState(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    get('/admin/v1/plan').then(setCatalogue, (failure) => setProblem(failure.message));
  }, []);
  if (problem) return html`<p class="banner bad" role="alert">${problem}</p>`;
  if (!catalogue) return html`<${Empty}>Asking the planner …<//>`;
  return catalogue.available ? html`<${Desk} catalogue=${catalogue} />` : html`<${NoPlanner} />`;
}

export function NoPlanner() {
  return html`<${Panel} title="No planner here" id="noplanner" wide json="/admin/v1/plan">
    <p>This build has no planner; the image leaves it out, with what it simulates with. In a checkout
      <span class="mono"> ./cheshire serve</span> has it, and from there
      <span class="mono"> ./cheshire plan search PLAN</span> answers the same, and
      <span class="mono"> ./cheshire plan watch PLAN --ops URL</span> holds this cluster against a plan.</p><//>`;
}

function Desk({ catalogue }) {
  const [form, setForm] = useState(() => fromQuery(catalogue.form, place().query));
  const [other, setOther] = useState(() => place().query.get('beside'));
  const [found, setFound] = useState(null);
  const [searching, setSearching] = useState('');
  const { answer, problem, tookMs } = useAnswer(form, catalogue.form);
  useEffect(() => {
    // An address for every state, without one in the browser's history for every move of a slider.
    const timer = setTimeout(() => {
      const query = new URLSearchParams({ ...toQuery(form), ...(other ? { beside: other } : {}) });
      if (place().page === 'planner') history.replaceState(null, '', '#/planner?' + query);
    }, WRITTEN_MS);
    return () => clearTimeout(timer);
  }, [form, other]);
  useEffect(() => {
    const moved = () => {
      if (place().page === 'planner' && place().query.size) setForm(fromQuery(catalogue.form, place().query));
    };
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  const search = async () => {
    setSearching('…');
    try {
      setFound(await post('/admin/v1/plan/search', toBody(form, catalogue.form)));
      setSearching('');
    } catch (failure) {
      setSearching(failure.message);
    }
  };
  return html`<div class="grid planner">
    <${Panel} title="Plan" id="planform" json="/admin/v1/plan"
      note=${catalogue.model + (catalogue.inForce ? ', over ' + catalogue.inForce : '')}>
      <${PlanForm} form=${form} catalogue=${catalogue} onChange=${setForm} />
      <div class="buttons">
        <button type="button" class="main" id="search" disabled=${searching === '…'} onClick=${search}>Search</button>
        <button type="button" id="ashere" onClick=${() => setForm(asHere(form))}>As this cluster is</button>
        <button type="button" id="keep" onClick=${() => setOther(String(new URLSearchParams(toQuery(form))))}>
          Keep beside</button></div>
      ${searching && searching !== '…' && html`<p class="bad" role="alert">${searching}</p>`}<//>
    <${Verdict} answer=${answer} problem=${problem} tookMs=${tookMs} form=${form} base=${catalogue.form} targets=${catalogue.targets} />
    ${other && html`<${Beside} query=${other} base=${catalogue.form} answer=${answer} onClose=${() => setOther(null)} />`}
    ${found && html`<${Candidates} found=${found} output=${form.output} onTake=${(fleet) =>
      setForm({ ...form, ...Object.fromEntries(Object.entries(fleet).filter(([k]) => k !== 'lanes').map(([k, v]) => [k, [v]])) })}
      onClose=${() => setFound(null)} />`}
    ${answer && html`<${Details} answer=${answer} />`}
    <${Simulation} form=${form} base=${catalogue.form} />
    <${Accuracy} classes=${catalogue.classes} form=${form} />
  </div>`;
}

function Verdict({ answer, problem, tookMs, form, base, targets }) {
  const [said, setSaid] = useState('');
  const emit = async (target) => {
    setSaid('');
    try {
      const { text } = await post('/admin/v1/plan/emit', { ...toBody(form, base), target });
      showText(target === 'helm' ? 'values.yaml' : target, text);
    } catch (failure) {
      setSaid(failure.message);
    }
  };
  if (!answer)
    return html`<${Panel} title="Verdict" id="verdict">${
      problem ? html`<p class="bad" role="alert">${problem}</p>` : html`<${Empty}>Computing …<//>`
    }<//>`;
  const c = answer.chosen;
  const [first, ...more] = answer.verdict;
  return html`<${Panel} title="Verdict" id="verdict" note=${isKnown(tookMs) ? 'in ' + Math.round(tookMs) + ' ms' : ''}
    actions=${html`<button type="button" class="json" onClick=${() =>
      showText('Answer as JSON', JSON.stringify(answer, null, 1))}>JSON</button>`}>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    <p class=${'answer ' + (answer.keeps ? 'good' : 'bad')} data-keeps=${String(answer.keeps)}>${first}</p>
    <p class="note" id="planned">${answer.load}; nodes ${answer.costs.nodes}; routers ${answer.costs.routers}</p>
    ${answer.assumed && html`<p><span class="badge warn">assumed, nothing was calibrated</span></p>`}
    <ul class="plainlist">${more.map((line) => html`<li>${line}</li>`)}</ul>
    <dl class="stats column">
      <${Stat} label="knee, requests a second" value=${band(c.knee, num)} />
      <${Stat} label="time to first token, p95" value=${band(c.ttft_p95_ms, ms)} />
      <${Stat} label="between tokens, mean" value=${band(c.itl_mean_ms, ms)} />
      <${Stat} label="busiest node computes" value=${percent(c.node_busy)} />
      <${Stat} label="a router works" value=${percent(c.router_busy)} />
      <${Stat} label="KV cache in use" value=${percent(c.kv_share)} /></dl>
    <div class="buttons">${targets.map((target) => html`<button type="button" data-target=${target}
      onClick=${() => emit(target)}>${target === 'helm' ? 'Emit values.yaml' : 'Emit ' + target}</button>`)}</div>
    ${said && html`<p class="bad" role="alert" id="notemitted">${said}</p>`}
    <details><summary>What nobody measured (${answer.assumptions.length})</summary>
      <ul class="plainlist">${answer.assumptions.map((line) => html`<li>${line}</li>`)}</ul></details><//>`;
}

function Beside({ query, base, answer, onClose }) {
  const [form, setForm] = useState(null);
  useEffect(() => setForm(fromQuery(base, new URLSearchParams(query))), [query]);
  const { answer: kept, problem } = useAnswer(form, base);
  return html`<${Panel} title="Two plans" id="beside" wide actions=${html`<button type="button" class="plain"
    onClick=${onClose}>Leave it</button>`}>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
    ${kept && answer && html`<${TwoPlans} kept=${kept} now=${answer} />`}<//>`;
}

function Details({ answer }) {
  const c = answer.chosen;
  const memory = c.memory;
  const up = c.availability;
  return html`<${Panel} title="Rising rates" id="sweep" note="requests a second">
      ${answer.sweep ? html`<${SweepChart} sweep=${answer.sweep} chosen=${c} />` : html`<${Empty}>It doesn't fit.<//>`}<//>
    <${Panel} title="Where a token's time goes" id="waterfall" note="a mean step of a lane">
      <${Waterfall} parts=${answer.waterfall} /><//>
    <${Panel} title="Memory" id="memory">
      <${Memory} title="An expert node" parts=${memory.node} /><${Memory} title="A router" parts=${memory.router} />
      <p class="note">${num(memory.kv_tokens)} tokens fit into a router's cache${
        memory.host > 0 && '; a node with a GPU holds ' + bytes(memory.host) + ' of its host’s memory beside it'
      }</p><//>
    <${Panel} title="When a node is lost" id="timeline" note="part of the rate that is carried">
      <${Timeline} moments=${answer.timeline} /><//>
    <${Panel} title="Availability" id="availability" wide>${
      up
        ? html`<dl class="stats column"><${Stat} label="of the year" value=${nines(up.attained)} />
        <${Stat} label="a unit without holder, a year" value=${seconds(up.without_holder_seconds_a_year)} />
        <${Stat} label="gaps, a year" value=${seconds(up.gap_seconds_a_year)} />
        <${Stat} label="too little capacity, a year" value=${seconds(up.too_slow_seconds_a_year)} />
        <${Stat} label="failures of nodes a year" value=${num(up.node_failures_a_year)} />
        <${Stat} label="survives any node" value=${up.survives_any_node ? 'yes' : 'no'}
          tone=${up.survives_any_node ? 'good' : 'bad'} /></dl>`
        : html`<${Empty}>A fleet that doesn't fit isn't available.<//>`
    }
      <div class="scroll" tabindex="0" role="region" aria-label="Copies and spares"><table><thead><tr><th>Copies</th>
      <th>Spares</th><th>Apart by</th><th class="right">Available</th></tr></thead><tbody>${answer.spares.map(
        (row) => html`<tr class=${row.replicas === c.fleet.replicas && row.spares === c.fleet.spares ? '' : 'quiet'}>
        <td>${row.replicas}</td><td>${row.spares}</td><td>${row.apart.toLowerCase()}</td>
        <td class="right">${row.fits ? nines(row.share) : 'does not fit'}</td></tr>`,
      )}</tbody></table></div><//>`;
}

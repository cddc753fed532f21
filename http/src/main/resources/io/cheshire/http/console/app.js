// The frame around the pages: where one is, how fresh it all is, key and theme.

import { html, render, useEffect, useReducer, useState } from './lib/htm-preact.js';
import { follow, opsKey, setOpsKey } from './live.js';
import { Confirm, Dialog, JsonViewer, place, useLive } from './base.js';
import { themeChanged } from './charts.js';
import { NONE, span } from './format.js';
import { Overview } from './overview.js';
import { Experts } from './experts.js';
import { Nodes } from './nodes.js';
import { Placement } from './placement.js';
import { DataPlane } from './dataplane.js';
import { Requests } from './requests.js';
import { Planner } from './planner.js';
import { PlanActual } from './planactual.js';
import { Chaos } from './chaos.js';
import { Chat } from './chat.js';
import { Config } from './config.js';

const PAGES = [
  ['overview', 'Overview', Overview],
  ['experts', 'Experts', Experts],
  ['nodes', 'Nodes', Nodes],
  ['placement', 'Placement', Placement],
  ['dataplane', 'Data plane', DataPlane],
  ['requests', 'Requests', Requests],
  ['planner', 'Planner', Planner],
  ['actual', 'Plan against actual', PlanActual, 'Plan and actual'],
  ['chaos', 'Chaos', Chaos],
  ['chat', 'Chat', Chat],
  ['config', 'Config and about', Config, 'Config'],
];

const THEME = 'cheshire.theme';
const THEMES = ['system', 'light', 'dark'];

function applyTheme(name) {
  const dark = name === 'dark' || (name === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  themeChanged();
}

function KeyForm({ onClose, message }) {
  const [key, setKey] = useState('');
  const save = (e) => {
    e.preventDefault();
    setOpsKey(key.trim());
    onClose();
  };
  return html`<${Dialog} title="Key of operations" onClose=${onClose}><form onSubmit=${save}>
    <p>${message || 'Sent with every request of this tab, and forgotten with it.'}</p>
    <label>Key (cheshire.ops.key)
      <input type="password" autocomplete="off" value=${key} onInput=${(e) => setKey(e.target.value)} /></label>
    <footer>
      ${
        opsKey() &&
        html`<button type="button" onClick=${() => {
          setOpsKey('');
          onClose();
        }}>Forget it</button>`
      }
      <button type="submit" class="main" disabled=${!key.trim()}>Use it</button>
    </footer></form><//>`;
}

function App() {
  const live = useLive();
  const [, draw] = useReducer((n) => n + 1, 0);
  const [theme, setTheme] = useState(localStorage.getItem(THEME) ?? 'system');
  const [keyForm, setKeyForm] = useState(false);
  useEffect(() => {
    const onHash = () => {
      draw();
      document.getElementById('main')?.focus({ preventScroll: true });
      scrollTo(0, 0);
    };
    let page = place().page;
    const listener = () => {
      if (place().page !== page) {
        page = place().page;
        onHash();
      } else draw();
    };
    addEventListener('hashchange', listener);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const onScheme = () => {
      applyTheme(localStorage.getItem(THEME) ?? 'system');
      draw();
    };
    dark.addEventListener('change', onScheme);
    return () => {
      removeEventListener('hashchange', listener);
      dark.removeEventListener('change', onScheme);
    };
  }, []);
  const [id, title, Page] = PAGES.find(([name]) => name === place().page) ?? PAGES[0];
  useEffect(() => {
    document.title = title + ' – Cheshire';
    // On a phone the pages' names are a row that is wider than the screen.
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [title]);
  const nextTheme = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(THEME, next);
    applyTheme(next);
    setTheme(next);
  };
  const s = live.snapshot;
  const tone = { live: 'good', connecting: 'busy', stale: 'bad', key: 'warn', full: 'warn' }[live.status];
  const state = {
    live: 'live',
    connecting: 'connecting',
    stale: 'not live',
    key: 'key needed',
    full: 'too many pages',
  }[live.status];
  return html`
    <a class="skip" href="#main" onClick=${(e) => {
      e.preventDefault();
      document.getElementById('main').focus();
    }}>To the content</a>
    <nav aria-label="Pages">
      <div class="brand"><img src="/ui/icon.svg" alt="" width="26" height="26" /><b>Cheshire</b></div>
      <ul>${PAGES.map(([name, long, , short]) => html`<li><a href=${'#/' + name}
        aria-current=${name === id ? 'page' : undefined}>${short ?? long}</a></li>`)}</ul>
    </nav>
    <div class="body">
      <header class="top">
        <h1>${title}</h1>
        <span class="space"></span>
        <span class="fact" title="Cluster and model">${s?.cluster ?? NONE} · ${s?.modelName ?? NONE}</span>
        <span class="fact" title="Placement: round and publisher">epoch ${s?.epochText ?? NONE}</span>
        <span class=${'badge ' + tone} id="live" role="status"
          title=${live.message || 'Pictures come twice a second'}>${state}</span>
        <button type="button" class="plain" onClick=${() => setKeyForm(true)} title="Key of operations">
          ${opsKey() ? 'Key set' : 'Key'}</button>
        <button type="button" class="plain" onClick=${nextTheme}
          title="Light, dark, or as the system has it">Theme: ${theme}</button>
      </header>
      ${
        s?.chaos?.running &&
        html`<p class="banner bad" role="alert" id="chaosbanner">An experiment
        ${s.chaos.running.on === 'running' ? ' hurts this cluster' : ' runs on a simulation'}: ${s.chaos.running.name}, for
        ${' ' + span(s.timeMs - s.chaos.running.startedMs)}. <a href="#/chaos">Look at it or end it</a></p>`
      }
      ${s?.draining && html`<p class="banner warn" role="alert">This router drains: it takes no new requests.</p>`}
      ${
        live.status === 'stale' &&
        html`<p class="banner bad" role="alert">${live.message || 'Nothing comes from the router.'}
        ${live.receivedMs ? ' What is shown is ' + span(Date.now() - live.receivedMs) + ' old.' : ''}</p>`
      }
      ${live.status === 'full' && html`<p class="banner warn" role="alert">${live.message}</p>`}
      ${
        live.status === 'key' &&
        !keyForm &&
        html`<p class="banner warn" role="alert">${live.message}
        <button type="button" class="main" onClick=${() => setKeyForm(true)}>Enter the key</button></p>`
      }
      <main id="main" tabindex="-1" data-page=${id}>
        ${s || id === 'chat' || id === 'config' ? html`<${Page}
          key=${id + document.documentElement.dataset.theme} />` : html`<p
            class="empty">Waiting for the first picture …</p>`}
      </main>
    </div>
    <${Confirm} /><${JsonViewer} />
    ${keyForm && html`<${KeyForm} message=${live.status === 'key' ? live.message : ''}
      onClose=${() => setKeyForm(false)} />`}`;
}

applyTheme(localStorage.getItem(THEME) ?? 'system');
render(html`<${App} />`, document.getElementById('app'));
follow();

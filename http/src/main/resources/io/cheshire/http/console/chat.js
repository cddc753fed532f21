// A small client of the API. Conversations stay in this tab's memory: they are sent to the model and nowhere else.

import { html, useEffect, useReducer, useRef, useState } from './lib/htm-preact.js';
import { Panel, useLive } from './base.js';
import { isKnown, num, seconds } from './format.js';

const KEY = 'cheshire.api.key';

/**
 * A conversation is a tree: every message has the ones that answered it, and one of them is shown. It outlives the
 * page, but not the tab.
 */
const root = { children: [], shown: 0 };
let settings = { temperature: 0.7, top_p: 1, max_tokens: 256, seed: '', system: '' };
let running = null;
let draft = '';

function path() {
  const messages = [];
  for (let node = root; node.children.length;) {
    node = node.children[node.shown];
    messages.push(node);
  }
  return messages;
}

const parentOf = (wanted, from = root) => {
  for (const child of from.children) {
    if (child === wanted) return from;
    const found = parentOf(wanted, child);
    if (found) return found;
  }
  return null;
};

function add(parent, role, content) {
  const message = { role, content, children: [], shown: 0 };
  parent.children.push(message);
  parent.shown = parent.children.length - 1;
  return message;
}

async function generate(parent, draw) {
  const messages = [];
  if (settings.system.trim()) messages.push({ role: 'system', content: settings.system });
  for (const message of path()) {
    messages.push({ role: message.role, content: message.content });
    if (message === parent) break;
  }
  const answer = add(parent, 'assistant', '');
  answer.startMs = performance.now();
  running = new AbortController();
  draw();
  const key = sessionStorage.getItem(KEY);
  try {
    const response = await fetch('/ui/api/v1/chat/completions', {
      method: 'POST',
      signal: running.signal,
      headers: { 'content-type': 'application/json', ...(key ? { authorization: 'Bearer ' + key } : {}) },
      body: JSON.stringify({
        messages,
        stream: true,
        stream_options: { include_usage: true },
        temperature: Number(settings.temperature),
        top_p: Number(settings.top_p),
        max_tokens: Number(settings.max_tokens),
        ...(settings.seed === '' ? {} : { seed: Number(settings.seed) }),
      }),
    });
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      throw new Error(problem?.error?.message ?? 'HTTP ' + response.status);
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      let end;
      while ((end = text.indexOf('\n\n')) >= 0) {
        take(answer, text.slice(0, end));
        text = text.slice(end + 2);
      }
      draw();
    }
  } catch (failure) {
    if (failure.name === 'AbortError') answer.note = 'stopped';
    else answer.failed = failure.message;
  }
  answer.endMs = performance.now();
  running = null;
  draw();
}

function take(answer, event) {
  const failed = event.startsWith('event: error');
  const data = event
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6))
    .join('\n');
  if (!data || data === '[DONE]') return;
  const chunk = JSON.parse(data);
  if (failed || chunk.error) {
    answer.failed = chunk.error?.message ?? 'failed';
    return;
  }
  if (chunk.usage) answer.tokens = chunk.usage.completion_tokens;
  const choice = chunk.choices?.[0];
  if (choice?.finish_reason === 'length') answer.note = 'ended by max_tokens';
  const content = choice?.delta?.content;
  if (content) {
    answer.firstMs ??= performance.now();
    answer.lastMs = performance.now();
    answer.content += content;
  }
}

/** The rate of what followed the first token. */
function speed(message) {
  const took = (message.lastMs - message.firstMs) / 1000;
  return message.tokens > 1 && took > 0 ? (message.tokens - 1) / took : null;
}

/** What was measured of an answer so far. */
const measures = (message) =>
  [
    isKnown(message.tokens) && message.tokens + ' tokens',
    message.firstMs && 'first after ' + seconds((message.firstMs - message.startMs) / 1000),
    isKnown(speed(message)) && num(speed(message)) + ' tokens/s',
    message.note,
  ]
    .filter(Boolean)
    .join(' · ');

function Message({ message, draw, canAsk }) {
  const [editing, setEditing] = useState(null);
  const parent = parentOf(message);
  const turn = (by) => {
    parent.shown = (parent.shown + by + parent.children.length) % parent.children.length;
    draw();
  };
  const isUser = message.role === 'user';
  const save = (e) => {
    e.preventDefault();
    setEditing(null);
    generate(add(parent, 'user', editing), draw);
  };
  return html`<li class=${'message ' + message.role}>
    <header><b>${isUser ? 'You' : 'Model'}</b>
      ${
        parent.children.length > 1 &&
        html`<span class="branch"><button type="button" class="plain" aria-label="Earlier version"
          onClick=${() => turn(-1)}>‹</button>
        ${parent.shown + 1} of ${parent.children.length}
        <button type="button" class="plain" aria-label="Later version" onClick=${() => turn(1)}>›</button></span>`
      }
      <span class="space"></span>
      ${isUser && editing === null && html`<button type="button" class="plain" disabled=${!canAsk}
        onClick=${() => setEditing(message.content)}>Edit</button>`}
      ${!isUser && html`<button type="button" class="plain" disabled=${!canAsk}
        onClick=${() => generate(parent, draw)}>Again</button>`}
    </header>
    ${
      editing === null
        ? html`<div class="text">${message.content || (message.failed || message.endMs ? '' : '…')}</div>`
        : html`<form onSubmit=${save}>
      <textarea rows="3" aria-label="Edited message" value=${editing}
        onInput=${(e) => setEditing(e.target.value)}></textarea>
      <footer><button type="button" onClick=${() => setEditing(null)}>Cancel</button><button type="submit"
        class="main">Send as another branch</button></footer></form>`
    }
    ${message.failed && html`<p class="bad" role="alert">${message.failed}</p>`}
    ${
      !isUser &&
      html`<p class="measure">${measures(message)}</p>`
    }
  </li>`;
}

export function Chat() {
  const [, draw] = useReducer((n) => n + 1, 0);
  const [key, setKey] = useState(sessionStorage.getItem(KEY) ?? '');
  const s = useLive().snapshot;
  const list = useRef(null);
  const messages = path();
  useEffect(() => {
    list.current?.scrollTo(0, list.current.scrollHeight);
  });
  const send = (e) => {
    e.preventDefault();
    if (!draft.trim() || running) return;
    const asked = add(messages.at(-1) ?? root, 'user', draft);
    draft = '';
    generate(asked, draw);
  };
  const set = (name) => (e) => {
    settings = { ...settings, [name]: e.target.value };
    draw();
  };
  const save = () => {
    const blob = new Blob(
      [JSON.stringify({ settings, messages: messages.map(({ role, content }) => ({ role, content })) }, null, 1)],
      { type: 'application/json' },
    );
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'conversation.json';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const clear = () => {
    running?.abort();
    root.children = [];
    root.shown = 0;
    draw();
  };
  return html`<div class="grid chat">
    <section class="panel conversation" aria-label="Conversation">
      <ol ref=${list} class="messages" tabindex="0" aria-live="polite">
        ${messages.map((message, at) => html`<${Message} key=${at + '/' + (messages[at - 1] ?? root).shown}
          message=${message} draw=${draw} canAsk=${!running} />`)}
        ${!messages.length && html`<li class="empty">Ask ${s?.modelName ?? 'the model'} something.</li>`}
      </ol>
      <form class="compose" onSubmit=${send}>
        <textarea rows="2" id="question" aria-label="Message"
          placeholder="Message; Enter sends, Shift+Enter is a new line" value=${draft}
          onInput=${(e) => {
            draft = e.target.value;
            draw();
          }}
          onKeyDown=${(e) => {
            if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) send(e);
          }}></textarea>
        ${
          running
            ? html`<button type="button" class="danger" onClick=${() => running.abort()}>Stop</button>`
            : html`<button type="submit" class="main" disabled=${!draft.trim()}>Send</button>`
        }
      </form>
    </section>
    <${Panel} title="Sampling" note="kept in this tab" id="sampling">
      <div class="fields column">
        <label>System message <textarea rows="2" value=${settings.system} onInput=${set('system')}></textarea></label>
        <label>Temperature <input type="number" min="0" max="2" step="0.1" value=${settings.temperature}
          onInput=${set('temperature')} /></label>
        <label>top_p <input type="number" min="0.01" max="1" step="0.01" value=${settings.top_p}
          onInput=${set('top_p')} /></label>
        <label>max_tokens <input type="number" min="1" max=${s?.contextTokens ?? 4096} value=${settings.max_tokens}
          onInput=${set('max_tokens')} /></label>
        <label>Seed <input type="number" placeholder="drawn" value=${settings.seed} onInput=${set('seed')} /></label>
        <label>API key <input type="password" autocomplete="off" placeholder="none" value=${key} onInput=${(e) => {
          setKey(e.target.value);
          if (e.target.value) sessionStorage.setItem(KEY, e.target.value);
          else sessionStorage.removeItem(KEY);
        }} /></label>
        <div class="buttons"><button type="button" disabled=${!messages.length} onClick=${save}>Save as JSON</button>
          <button type="button" disabled=${!messages.length} onClick=${clear}>New conversation</button></div>
      </div><//>
  </div>`;
}

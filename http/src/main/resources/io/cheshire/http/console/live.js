// What the pages show: the newest picture and a quarter of an hour of figures. One stream feeds all pages of a tab.

const KEY = 'cheshire.ops.key';
const KEPT = 900;
const SILENT_MS = 6000;
const GAP_MS = 3500;

export const live = {
  snapshot: null,
  /** 'connecting', 'live', 'stale', 'key' or 'full'. */
  status: 'connecting',
  message: '',
  times: [],
  series: new Map(),
  receivedMs: 0,
};

const listeners = new Set();
let scheduled = false;

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  if (scheduled) return;
  scheduled = true;
  // Hidden tabs draw nothing; one drawing serves all that came before it.
  requestAnimationFrame(() => {
    scheduled = false;
    for (const listener of listeners) listener();
  });
}

function status(name, message = '') {
  live.status = name;
  live.message = message;
  changed();
}

export const opsKey = () => sessionStorage.getItem(KEY) ?? '';

export function setOpsKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
  current?.abort();
}

const auth = () => (opsKey() ? { authorization: 'Bearer ' + opsKey() } : {});

/** JSON of an operations endpoint; throws an Error with the server's words. */
export async function get(path) {
  return answer(await fetch(path, { headers: auth(), cache: 'no-store' }));
}

/** Asks the cluster to change. */
export async function post(path, body) {
  return answer(
    await fetch(path, {
      method: 'POST',
      headers: { ...auth(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

async function answer(response) {
  const text = await response.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Whatever came is shown as it is.
  }
  if (response.ok) return json;
  if (response.status === 401) status('key', 'This needs the key of operations.');
  const failure = new Error(json?.error?.message ?? (text.slice(0, 300) || 'HTTP ' + response.status));
  failure.status = response.status;
  failure.code = json?.error?.code;
  throw failure;
}

async function loadHistory() {
  const history = await get('/admin/v1/history?metric=*&seconds=' + KEPT);
  live.times = history.timesMs;
  live.series = new Map(Object.entries(history.series));
}

function append(picture) {
  if (!picture.sampleMs || picture.sampleMs <= (live.times.at(-1) ?? 0)) return;
  const length = live.times.push(picture.sampleMs);
  for (const [name, value] of Object.entries(picture.figures)) {
    let values = live.series.get(name);
    if (!values) {
      values = new Array(length - 1).fill(null);
      live.series.set(name, values);
    }
    values.push(value);
  }
  const surplus = Math.max(0, length - KEPT);
  if (surplus) live.times.splice(0, surplus);
  for (const values of live.series.values()) {
    if (values.length < length) values.push(null);
    if (surplus) values.splice(0, surplus);
  }
}

function take(picture) {
  live.snapshot = picture;
  live.receivedMs = Date.now();
  append(picture);
  status(picture.coordinatorAnswers ? 'live' : 'stale', picture.coordinatorAnswers ? '' : 'No coordinator answers.');
}

let current = null;

/** Events of the stream, by fetch: an EventSource can't send a key. */
async function read(signal) {
  const response = await fetch('/admin/v1/events', { headers: auth(), cache: 'no-store', signal });
  if (!response.ok) {
    await answer(response).catch((failure) => {
      if (failure.code === 'too_many_streams') status('full', failure.message);
      else if (failure.status !== 401) status('stale', failure.message);
    });
    return;
  }
  if (Date.now() - (live.times.at(-1) ?? 0) > GAP_MS) await loadHistory();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    let end;
    while ((end = text.indexOf('\n\n')) >= 0) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
        .join('\n');
      if (data) take(JSON.parse(data));
    }
  }
}

/** Reads for ever; every end of a stream is followed by a new one. */
export async function follow() {
  for (;;) {
    current = new AbortController();
    try {
      await read(current.signal);
    } catch (failure) {
      if (live.status !== 'key') status('stale', 'The router does not answer.');
    }
    await new Promise((resolve) => setTimeout(resolve, live.status === 'full' ? 5000 : 1000));
  }
}

setInterval(() => {
  if (live.status === 'live' && Date.now() - live.receivedMs > SILENT_MS) {
    status('stale', 'Nothing came for ' + SILENT_MS / 1000 + ' s.');
    current?.abort();
  }
}, 1000);

/** Values of one figure, as long as {@link live.times}. */
export const series = (name) => live.series.get(name) ?? [];

/** The newest value of a figure, or null. */
export const figure = (name) => live.snapshot?.figures?.[name] ?? null;

const quantiles = { at: 0, values: new Map() };

/** Counts by step of a latency over the history: [{ below, count }]. */
export function steps(latency) {
  const prefix = latency + '.le.';
  const found = [];
  for (const [name, values] of live.series) {
    if (name.startsWith(prefix) && name.endsWith('.rate')) {
      const bound = name.slice(prefix.length, -5);
      found.push({ below: bound === 'inf' ? Infinity : Number(bound), values });
    }
  }
  return found.sort((a, b) => a.below - b.below);
}

/** A quantile over the whole history, within a step's width; null where nothing was measured. */
export function quantile(latency, q) {
  const at = live.times.at(-1) ?? 0;
  if (quantiles.at !== at) {
    quantiles.at = at;
    quantiles.values.clear();
  }
  const id = latency + q;
  if (!quantiles.values.has(id)) quantiles.values.set(id, computeQuantile(latency, q));
  return quantiles.values.get(id);
}

function computeQuantile(latency, q) {
  const all = steps(latency).map(({ below, values }) => ({ below, count: values.reduce((a, b) => a + (b ?? 0), 0) }));
  const total = all.reduce((a, b) => a + b.count, 0);
  if (total <= 0) return null;
  let under = 0;
  let last = 0;
  for (const { below, count } of all) {
    if (under + count >= q * total && count > 0) {
      return below === Infinity ? last : last + (below - last) * ((q * total - under) / count);
    }
    under += count;
    if (below !== Infinity) last = below;
  }
  return last;
}

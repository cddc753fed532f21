// The way to the laboratory, with the key of experiments, which is another one than that of operations.

const KEY = 'cheshire.chaos.key';
const ROOT = '/admin/v1/chaos';

export const chaosKey = () => sessionStorage.getItem(KEY) ?? '';

export function setChaosKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
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
  const failure = new Error(json?.error?.message ?? (text.slice(0, 300) || 'HTTP ' + response.status));
  failure.status = response.status;
  throw failure;
}

export async function chaosGet(path = '') {
  return answer(await fetch(ROOT + path, { headers: { authorization: 'Bearer ' + chaosKey() }, cache: 'no-store' }));
}

export async function chaosPost(path, body) {
  return answer(
    await fetch(ROOT + path, {
      method: 'POST',
      headers: { authorization: 'Bearer ' + chaosKey(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

/** Opens a report as a page of its own, by a link that works once. */
export async function openReport(id) {
  const { path } = await chaosPost('/tickets', { report: id });
  open(path, '_blank', 'noopener');
}

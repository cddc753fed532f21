// Writes an experiment's file from what its form holds. Reading is left to the server, which also says what is wrong.

const PLAIN = /^[A-Za-z][A-Za-z0-9 ,()/_-]*$/;
const WORDS = ['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n'];

function scalar(value) {
  if (typeof value !== 'string') return String(value);
  const time = /^[0-9]+(\.[0-9]+)? ?(ms|s|m|%)$/.test(value);
  return time || (PLAIN.test(value) && !WORDS.includes(value.toLowerCase()) && !value.endsWith(' '))
    ? value
    : JSON.stringify(value);
}

function inline(value) {
  if (Array.isArray(value)) return '[' + value.map(inline).join(', ') + ']';
  if (value && typeof value === 'object')
    return '{' + Object.entries(value).map(([name, one]) => name + ': ' + inline(one)).join(', ') + '}';
  // Between braces a comma ends the value.
  return typeof value === 'string' && value.includes(',') ? JSON.stringify(value) : scalar(value);
}

/** A document of fields; lists of fields stand one entry a block, whatever lies deeper in one line. */
export function yaml(document) {
  const lines = [];
  for (const [name, value] of Object.entries(document)) {
    if (Array.isArray(value)) {
      lines.push(name + ':');
      for (const entry of value) {
        Object.entries(entry).forEach(([key, one], i) => lines.push((i ? '    ' : '  - ') + key + ': ' + inline(one)));
      }
    } else if (value && typeof value === 'object') {
      lines.push(name + ':');
      for (const [key, one] of Object.entries(value)) lines.push('  ' + key + ': ' + inline(one));
    } else lines.push(name + ': ' + scalar(value));
  }
  return lines.join('\n') + '\n';
}

/** A copy with one field set, or left out where the value is empty; `path` leads to it. */
export function withField(document, path, value) {
  const [name, ...rest] = path;
  const copy = Array.isArray(document) ? [...document] : { ...document };
  const next = rest.length ? withField(copy[name] ?? {}, rest, value) : value;
  if (next === '' || next === null || next === undefined) delete copy[name];
  else copy[name] = next;
  return copy;
}

export const field = (document, path) => path.reduce((at, name) => at?.[name], document);

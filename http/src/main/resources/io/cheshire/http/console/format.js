// Figures as people read them. What isn't known is shown as a dash, never as zero.

export const NONE = '–';

const known = (v) => v !== null && v !== undefined && Number.isFinite(v);

/** A number with as many digits as it needs. */
export function num(v, unit = '') {
  if (!known(v)) return NONE;
  const a = Math.abs(v);
  let text;
  if (a >= 1e9) text = trim(v / 1e9) + ' G';
  else if (a >= 1e6) text = trim(v / 1e6) + ' M';
  else if (a >= 1e4) text = trim(v / 1e3) + ' k';
  else if (Number.isInteger(v)) text = v.toLocaleString('en-US');
  else text = trim(v);
  return unit ? (/[kMG]$/.test(text) && /^[A-Za-z]/.test(unit) ? text + unit : text + ' ' + unit) : text;
}

function trim(v) {
  const a = Math.abs(v);
  if (a !== 0 && a < 0.01) return '< 0.01';
  return v.toFixed(a >= 100 ? 0 : a >= 10 ? 1 : 2);
}

/** A whole number in full. */
export const whole = (v) => (known(v) ? Math.round(v).toLocaleString('en-US') : NONE);

export const percent = (v, digits = 0) => (known(v) ? (v * 100).toFixed(digits) + ' %' : NONE);

/** A share near 1 with as many nines as it has, and one digit more. */
export function nines(v) {
  if (!known(v)) return NONE;
  if (v >= 1) return '100 %';
  return (v * 100).toFixed(Math.min(9, Math.max(0, Math.ceil(-Math.log10((1 - v) * 100))) + 1)) + ' %';
}

export function bytes(v) {
  if (!known(v)) return NONE;
  if (v >= 1 << 30) return (v / (1 << 30)).toFixed(1) + ' GiB';
  if (v >= 1 << 20) return (v / (1 << 20)).toFixed(1) + ' MiB';
  if (v >= 1 << 10) return (v / (1 << 10)).toFixed(0) + ' KiB';
  return Math.round(v) + ' B';
}

/** A short time, given in seconds. */
export function seconds(v) {
  if (!known(v)) return NONE;
  if (v === 0) return '0';
  if (v < 1e-3) return (v * 1e6).toFixed(0) + ' µs';
  if (v < 0.01) return (v * 1e3).toFixed(2) + ' ms';
  if (v < 0.1) return (v * 1e3).toFixed(1) + ' ms';
  if (v < 1) return (v * 1e3).toFixed(0) + ' ms';
  return v < 100 ? v.toFixed(2) + ' s' : v.toFixed(0) + ' s';
}

/** Several times with one unit: 21 / 84 / 610 ms. */
export function secondsOf(list) {
  const most = Math.max(...list.filter(known));
  if (!Number.isFinite(most)) return list.map(() => NONE).join(' / ');
  const [by, unit, digits] = most < 0.02 ? [1e3, 'ms', 1] : most < 1 ? [1e3, 'ms', 0] : [1, 's', 2];
  return list.map((v) => (known(v) ? (v * by).toFixed(digits) : NONE)).join('\u2009/\u2009') + ' ' + unit;
}

/** A span of time in words, given in milliseconds. */
export function span(ms) {
  if (!known(ms) || ms < 0) return NONE;
  const s = Math.floor(ms / 1000);
  if (s < 90) return s + ' s';
  if (s < 5400) return Math.floor(s / 60) + ' min';
  if (s < 172800) return Math.floor(s / 3600) + ' h';
  return Math.floor(s / 86400) + ' d';
}

export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');

export function median(values) {
  const sorted = values.filter(known).sort((a, b) => a - b);
  if (!sorted.length) return null;
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export const isKnown = known;

/** Text of a kind of event or a state: NODE_GONE is "node gone". */
export const words = (name) => (name ? name.toLowerCase().replaceAll('_', ' ') : NONE);

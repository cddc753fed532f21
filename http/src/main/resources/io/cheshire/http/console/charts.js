// Charts: uPlot for lines over time, plain canvases for heat maps.

import { html, useEffect, useRef, useState } from './lib/htm-preact.js';
import uPlot from './lib/uplot.js';
import { live, series, subscribe } from './live.js';
import { clock, isKnown } from './format.js';

export const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Lines are told apart by dashes, too, not by colour alone. */
const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

const SPACE = 52;

/** A number for each change of the theme, so that canvases are drawn anew. */
let theme = 0;
export function themeChanged() {
  theme++;
}

export const themeNumber = () => theme;

/** Minutes, or seconds too where the chart holds a few minutes only. */
function moment(v) {
  const first = live.times[0] ?? 0;
  return clock(v * 1000).slice(0, (live.times.at(-1) ?? 0) - first < 240e3 ? 8 : 5);
}

function axis(format, side) {
  return {
    stroke: style('--muted'),
    grid: { stroke: style('--grid'), width: 1 },
    ticks: { show: false },
    font: '11px ' + style('--font'),
    size: side === 3 ? SPACE : 26,
    gap: side === 3 ? 4 : 8,
    space: side === 3 ? 28 : 70,
    values: format && ((u, ticks) => ticks.map((tick) => format(tick))),
  };
}

/**
 * Lines over the last quarter of an hour. Gaps stay gaps.
 *
 * lines: [{ name, label, of }], with `of` in place of a figure's name for values that are computed from the history
 */
export function TimeChart({ lines, format, height = 150, seconds = 900, label, stacked, range }) {
  const box = useRef(null);
  const [hidden, setHidden] = useState(new Set());
  const id = lines.map((line) => line.label).join() + theme + [...hidden].join() + seconds;
  useEffect(() => {
    const element = box.current;
    const shown = lines.filter((line) => !hidden.has(line.label));
    const data = () => {
      const first = Math.max(0, live.times.length - seconds);
      const columns = shown.map((line) => (line.of ? line.of() : series(line.name)).slice(first));
      if (stacked) {
        for (let i = columns.length - 2; i >= 0; i--) {
          columns[i] = columns[i].map((v, at) => (isKnown(v) ? v + (columns[i + 1][at] ?? 0) : null));
        }
      }
      return [live.times.slice(first).map((ms) => ms / 1000), ...columns];
    };
    const plot = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height,
        cursor: { y: false, points: { size: 5 } },
        legend: { show: false },
        scales: { x: { time: true }, y: { range: range ?? ((u, low, high) => [0, high > 0 ? high * 1.08 : 1]) } },
        axes: [axis(moment, 2), axis(format, 3)],
        padding: [8, 26, 0, 0],
        series: [
          {},
          ...shown.map((line) => {
            const at = lines.indexOf(line);
            return {
              label: line.label,
              stroke: style('--line' + (at % 8)),
              fill: stacked ? style('--line' + (at % 8)) : undefined,
              width: stacked ? 0 : 1.5,
              dash: stacked ? undefined : DASHES[Math.floor(at / 8) % DASHES.length],
              points: { show: false },
              spanGaps: false,
            };
          }),
        ],
        hooks: {
          setCursor: [(u) => tell(u)],
        },
      },
      data(),
      element,
    );
    const tip = document.createElement('div');
    tip.className = 'charttip';
    tip.hidden = true;
    plot.over.append(tip);
    function tell(u) {
      const at = u.cursor.idx;
      if (at === null || at === undefined || u.cursor.left < 0) {
        tip.hidden = true;
        return;
      }
      tip.hidden = false;
      tip.textContent = '';
      const head = document.createElement('b');
      head.textContent = clock(u.data[0][at] * 1000);
      tip.append(head);
      shown.forEach((line, i) => {
        const row = document.createElement('div');
        const own = line.of ? line.of() : series(line.name);
        const v = own[Math.max(0, live.times.length - seconds) + at];
        row.textContent = line.label + '  ' + format(v);
        tip.append(row);
      });
      const left = u.cursor.left > u.over.clientWidth / 2;
      tip.style.left = left ? '' : u.cursor.left + 12 + 'px';
      tip.style.right = left ? u.over.clientWidth - u.cursor.left + 12 + 'px' : '';
    }
    const observer = new ResizeObserver(() => plot.setSize({ width: Math.max(120, element.clientWidth), height }));
    observer.observe(element);
    let last = live.times.at(-1);
    const stop = subscribe(() => {
      if (live.times.at(-1) !== last) {
        last = live.times.at(-1);
        plot.setData(data());
      }
    });
    return () => {
      stop();
      observer.disconnect();
      plot.destroy();
    };
  }, [id, height]);
  const toggle = (name) => {
    const next = new Set(hidden);
    if (!next.delete(name) && next.size < lines.length - 1) next.add(name);
    setHidden(next);
  };
  return html`<div class="chart">
    <div ref=${box} role="img" aria-label=${label}></div>
    ${
      lines.length > 1 &&
      html`<div class="legend">${lines.map(
        (line, at) => html`<button type="button" class="plain"
      aria-pressed=${!hidden.has(line.label)} title=${'Show or hide ' + line.label}
        onClick=${() => toggle(line.label)}>
      <svg width="16" height="8" aria-hidden="true"><line x1="0" y1="4" x2="16" y2="4" class=${'ink' + (at % 8)}
        stroke-width=${stacked ? 7 : 2.5}
          stroke-dasharray=${stacked ? '' : DASHES[Math.floor(at / 8) % 4].join(' ')} /></svg>
      ${line.label}</button>`,
      )}</div>`
    }
  </div>`;
}

// ---- colours of one scale, perceptually even, dark to light or the other way round with the theme

function scale() {
  return style('--scale')
    .split(' ')
    .map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
}

function colour(stops, part) {
  const at = Math.min(1, Math.max(0, part)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const mix = stops[low].map((v, i) => Math.round(v + (stops[low + 1][i] - v) * (at - low)));
  return 'rgb(' + mix + ')';
}

/** Which cells are filled by how much of the scale. */
function spread(values, from, to) {
  const present = values.filter(isKnown);
  const low = from ?? Math.min(0, ...present);
  const high = to ?? Math.max(...present, low + 1e-12);
  return { low, high, part: (v) => (high > low ? (v - low) / (high - low) : 0) };
}

function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = height + 'px';
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function useWidth(ref) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(ref.current?.clientWidth ?? 0));
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

const LEFT = 30;
const BOTTOM = 18;

/**
 * A grid of cells: arrow keys and the mouse choose one, Enter and a click open it.
 *
 * value(column, row): a figure or null
 */
export function HeatMap({
  columns,
  rows,
  value,
  format,
  describe,
  onOpen,
  selected,
  label,
  columnTitle,
  rowTitle,
  cell = 20,
  axes = true,
  from,
  to,
  mark,
}) {
  const box = useRef(null);
  const canvas = useRef(null);
  const width = useWidth(box);
  const [at, setAt] = useState(null);
  const left = axes ? LEFT : 0;
  const bottom = axes ? BOTTOM : 0;
  const w = Math.max(0, width - left) / columns;
  const h = Math.min(cell, Math.max(6, w * 1.2));
  const height = h * rows + bottom;
  const values = [];
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values.push(value(c, r));
  const range = spread(values, from, to);
  useEffect(() => {
    if (!width) return;
    const pen = sharp(canvas.current, width, height);
    const stops = scale();
    const gap = w > 6 ? 1 : 0;
    values.forEach((v, i) => {
      const x = left + (i % columns) * w;
      const y = Math.floor(i / columns) * h;
      if (isKnown(v)) {
        pen.fillStyle = colour(stops, range.part(v));
        pen.fillRect(x, y, w - gap, h - gap);
      } else {
        pen.strokeStyle = style('--grid');
        pen.strokeRect(x + 0.5, y + 0.5, w - gap - 1, h - gap - 1);
      }
      if (mark?.(i % columns, Math.floor(i / columns))) {
        pen.fillStyle = style('--bad');
        pen.beginPath();
        pen.moveTo(x + w - gap, y);
        pen.lineTo(x + w - gap - Math.min(7, w / 2), y);
        pen.lineTo(x + w - gap, y + Math.min(7, h / 2));
        pen.fill();
      }
    });
    if (axes) {
      pen.fillStyle = style('--muted');
      pen.font = '11px ' + style('--font');
      pen.textBaseline = 'middle';
      pen.textAlign = 'right';
      const everyRow = Math.ceil(12 / h);
      for (let r = 0; r < rows; r += everyRow) pen.fillText(String(r), left - 5, r * h + h / 2);
      pen.textAlign = 'center';
      const everyColumn = Math.ceil(20 / w);
      for (let c = 0; c < columns; c += everyColumn) pen.fillText(String(c), left + c * w + w / 2, rows * h + 9);
    }
    for (const [place, ink] of [
      [selected, '--text'],
      [at, '--accent'],
    ]) {
      if (place) {
        pen.strokeStyle = style(ink);
        pen.lineWidth = 2;
        pen.strokeRect(left + place[0] * w, place[1] * h, w - gap, h - gap);
        pen.lineWidth = 1;
      }
    }
  });
  const cellOf = (e) => {
    const rect = canvas.current.getBoundingClientRect();
    const c = Math.floor((e.clientX - rect.left - left) / w);
    const r = Math.floor((e.clientY - rect.top) / h);
    return c >= 0 && c < columns && r >= 0 && r < rows ? [c, r] : null;
  };
  const onKey = (e) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    const now = at ?? selected ?? [0, 0];
    if (step) {
      e.preventDefault();
      setAt([
        Math.min(columns - 1, Math.max(0, now[0] + step[0])),
        Math.min(rows - 1, Math.max(0, now[1] + step[1])),
      ]);
    } else if ((e.key === 'Enter' || e.key === ' ') && onOpen) {
      e.preventDefault();
      onOpen(...now);
    }
  };
  const told = at ?? selected;
  return html`<div class="heat">
    <div ref=${box}><canvas ref=${canvas} tabindex=${onOpen ? 0 : -1} role=${onOpen ? 'application' : 'img'}
      aria-label=${label + (onOpen ? '; arrow keys choose a cell, Enter opens it' : '')}
      onMouseMove=${(e) => setAt(cellOf(e))} onMouseLeave=${() => setAt(null)} onBlur=${() => setAt(null)}
      onKeyDown=${onKey} onClick=${(e) => cellOf(e) && onOpen?.(...cellOf(e))}></canvas></div>
    <div class="heatfoot">
      <span aria-live="polite">
        ${told ? describe(...told) : columnTitle ? '→ ' + columnTitle + ', ↓ ' + rowTitle : ''}</span>
      <span class="space"></span>
      <span class="scalebar"><span>${format(range.low)}</span><i></i><span>${format(range.high)}</span></span>
    </div>
  </div>`;
}

/** A step's bound as short as an axis needs it. */
function shortTime(v) {
  if (v < 0.01) return (v * 1e3).toFixed(1) + ' ms';
  return v < 1 ? (v * 1e3).toFixed(0) + ' ms' : v.toFixed(1) + ' s';
}

/** A latency's histogram over time: columns are moments, rows are steps, slow ones above. */
export function TimeHeat({ steps, format, height = 150, label }) {
  const box = useRef(null);
  const canvas = useRef(null);
  const width = useWidth(box);
  const [told, setTold] = useState('');
  const used = steps.filter(({ values }) => values.some((v) => v > 0));
  const first = used.length ? Math.max(0, steps.indexOf(used[0]) - 1) : 0;
  const last = used.length ? Math.min(steps.length - 1, steps.indexOf(used.at(-1)) + 1) : -1;
  const shown = steps.slice(first, last + 1);
  const columns = Math.max(1, Math.min(180, Math.floor((width - SPACE) / 5)));
  const each = Math.max(1, Math.ceil(live.times.length / columns));
  const grid = shown.map(({ values }) => {
    const sums = [];
    for (let i = 0; i < values.length; i += each) {
      const part = values.slice(i, i + each).filter(isKnown);
      sums.push(part.length ? part.reduce((a, b) => a + b, 0) / part.length : null);
    }
    return sums;
  });
  const most = Math.max(1e-9, ...grid.flat().filter(isKnown));
  const w = (width - SPACE) / columns;
  const h = shown.length ? (height - BOTTOM) / shown.length : 0;
  const offset = columns - (grid[0]?.length ?? 0);
  useEffect(() => {
    if (!width || !shown.length) return;
    const pen = sharp(canvas.current, width, height);
    const stops = scale();
    grid.forEach((sums, r) => {
      const y = (shown.length - 1 - r) * h;
      sums.forEach((v, c) => {
        if (v > 0) {
          pen.fillStyle = colour(stops, 0.15 + 0.85 * Math.sqrt(v / most));
          pen.fillRect(SPACE + (c + offset) * w, y, w + 0.5, h - 0.5);
        }
      });
    });
    pen.fillStyle = style('--muted');
    pen.font = '11px ' + style('--font');
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    const every = Math.ceil(16 / h);
    shown.forEach((step, r) => {
      if (r % every === 0 && step.below !== Infinity)
        pen.fillText(shortTime(step.below), SPACE - 6, Math.max(7, (shown.length - 1 - r) * h + 4));
    });
    pen.textAlign = 'center';
    for (let c = 0; c < columns; c += Math.ceil(90 / w)) {
      const ms = live.times[(c - offset) * each];
      if (ms) pen.fillText(moment(ms / 1000), SPACE + c * w + 14, height - 8);
    }
  });
  const onMove = (e) => {
    const rect = canvas.current.getBoundingClientRect();
    const c = Math.floor((e.clientX - rect.left - SPACE) / w) - offset;
    const r = shown.length - 1 - Math.floor((e.clientY - rect.top) / h);
    const v = grid[r]?.[c];
    const under = shown[r]?.below;
    setTold(
      isKnown(v)
        ? clock(live.times[c * each]) +
            ': ' +
            v.toFixed(1) +
            ' a second ' +
            (under === Infinity ? 'above all steps' : 'up to ' + format(under))
        : '',
    );
  };
  return html`<div class="heat"><div ref=${box}>${
    shown.length
      ? html`<canvas ref=${canvas} role="img" aria-label=${label} onMouseMove=${onMove}
        onMouseLeave=${() => setTold('')}></canvas>`
      : html`<p class="empty">Nothing was measured in the last 15 minutes.</p>`
  }</div>
    <div class="heatfoot"><span>${told}</span></div></div>`;
}

/** A part of a whole. */
export function Bar({ part, tone, label }) {
  const known = isKnown(part);
  return html`<span class=${'bar ' + (tone ?? '')} role="img" aria-label=${label}>
    <i style=${{ width: known ? Math.min(100, Math.max(0, part * 100)) + '%' : '0' }}></i></span>`;
}

// Lines over logarithmic axes as one SVG picture: series in, text out. Dots and labels carry what colours do.

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Plot {
  readonly title: string;
  readonly series: readonly Series[];
}

const WIDTH = 420;
const HEIGHT = 260;
const LEFT = 66;
const RIGHT = 28;
const TOP = 30;
const BOTTOM = 34;
const LEGEND = 26;

/** Told apart by colour-blind readers too, and each with a dash of its own. */
const STROKES = [
  { colour: '#0b6bcb', dash: '' },
  { colour: '#b3541e', dash: '6 3' },
  { colour: '#2f7d32', dash: '2 3' },
] as const;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The powers of ten around these values; at least one step apart. */
function decades(values: readonly number[]): { readonly from: number; readonly to: number } {
  const logs = values.filter((value) => value > 0).map((value) => Math.log10(value));
  const from = Math.floor(Math.min(...logs));
  return { from, to: Math.max(Math.ceil(Math.max(...logs)), from + 1) };
}

const steps = ({ from, to }: ReturnType<typeof decades>): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, step) => from + step);

const tick = (exponent: number): string =>
  (10 ** exponent).toLocaleString('en-US', { maximumFractionDigits: 3 });

function panel({ title, series }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const across = decades(points.map(({ x }) => x));
  const up = decades(points.map(({ y }) => y));
  const place = (value: number, { from, to }: ReturnType<typeof decades>): number =>
    (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from);
  const x = (value: number): string => (LEFT + place(value, across) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number): string =>
    (HEIGHT - BOTTOM - place(value, up) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const grid = [
    ...steps(across).map(
      (step) =>
        `<text x="${x(10 ** step)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tick(step)}</text>`,
    ),
    ...steps(up).map(
      (step) =>
        `<path d="M${LEFT} ${y(10 ** step)}H${WIDTH - RIGHT}" stroke="#ddd"/>` +
        `<text x="${LEFT - 6}" y="${y(10 ** step)}" dy="4" text-anchor="end">${tick(step)}</text>`,
    ),
  ];
  const lines = series.map((one, index) => {
    const { colour, dash } = STROKES[index % STROKES.length] ?? STROKES[0];
    const path = one.points.map((point) => `${x(point.x)} ${y(point.y)}`).join('L');
    const dots = one.points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="2.5"/>`);
    return `<g stroke="${colour}" fill="${colour}"><path d="M${path}" fill="none" stroke-width="2" stroke-dasharray="${dash}"/>${dots.join('')}</g>`;
  });
  return [`<text x="${LEFT}" y="18" font-weight="bold">${escaped(title)}</text>`, ...grid, ...lines].join(
    '\n',
  );
}

/** Four panels, two in a row, over one legend; every panel has the same series in the same order. */
export function picture(plots: readonly Plot[], axis: string): string {
  const rows = Math.ceil(plots.length / 2);
  const panels = plots.map(
    (plot, index) =>
      `<g transform="translate(${(index % 2) * WIDTH} ${Math.floor(index / 2) * HEIGHT})">${panel(plot)}</g>`,
  );
  const legend = (plots[0]?.series ?? []).map(({ name }, index) => {
    const { colour, dash } = STROKES[index % STROKES.length] ?? STROKES[0];
    const left = LEFT + index * 250;
    const middle = rows * HEIGHT + 12;
    return `<path d="M${left} ${middle}h30" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${left + 38}" y="${middle + 4}">${escaped(name)}</text>`;
  });
  const height = rows * HEIGHT + LEGEND;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(plots.map(({ title }) => title).join('; '))}, over ${escaped(axis)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panels,
    ...legend,
    '</svg>\n',
  ].join('\n');
}

// The timeline: one lane per episode from its opening to its end, with its changes of state marked. Rows are a list of
// links, so that the plot reads like a text too.
import { LANES_MAX, type Episode } from '#shared/model/history.ts';
import { cut } from '#shared/notify/slack-text.ts';
import { attributes, EMPTY, html, type Html } from './html.ts';
import { pageHref } from './href.ts';
import { gridLines, placeOf, tickLabels, type Span } from './axis.ts';
import { severityBadge, stateBadge } from './incident-words.ts';
import { patternTitle, type PageContext } from './layout.ts';
import { NAME_CHARS_MAX, scopeText } from './text.ts';
import { duration, isoSeconds } from './when.ts';

const HEIGHT = 26;
const MIDDLE = HEIGHT / 2;

/** When the episode ended, or now. */
const endOf = (episode: Episode, nowMs: number): number =>
  episode.resolvedAtMs > 0 ? episode.resolvedAtMs : nowMs;

const utc = (timeMs: number): string => `${isoSeconds(timeMs).slice(0, 16).replace('T', ' ')} UTC`;

/** What the lane shows, in words. */
function described(episode: Episode, nowMs: number): string {
  const parts = [`${episode.severity}, opened ${utc(episode.openedAtMs)}`];
  if (episode.acknowledgedAtMs > 0) parts.push(`acknowledged ${utc(episode.acknowledgedAtMs)}`);
  if (episode.resolvedAtMs > 0)
    parts.push(
      `resolved ${utc(episode.resolvedAtMs)}${episode.resolvedBy === '' ? '' : ` by ${episode.resolvedBy}`}`,
    );
  else parts.push(`still ${episode.state}`);
  parts.push(`lasted ${duration(endOf(episode, nowMs) - episode.openedAtMs)}`);
  return parts.join(', ');
}

const inside = (timeMs: number, { fromMs, toMs }: Span): boolean =>
  timeMs > 0 && timeMs >= fromMs && timeMs <= toMs;

/** Opened: an upright stroke. Acknowledged: a diamond's place, drawn as a ring. Resolved: a filled end. */
function marks(episode: Episode, span: Span): readonly Html[] {
  const at = (timeMs: number, draw: (x: string) => Html): Html =>
    inside(timeMs, span) ? draw(`${placeOf(timeMs, span)}%`) : EMPTY;
  return [
    at(
      episode.openedAtMs,
      (x) => html`<line class="mark opened" x1="${x}" x2="${x}" y1="3" y2="${HEIGHT - 3}" />`,
    ),
    at(
      episode.acknowledgedAtMs,
      (x) => html`<circle class="mark acknowledged" cx="${x}" cy="${MIDDLE}" r="4.5" />`,
    ),
    at(
      episode.resolvedAtMs,
      (x) => html`<line class="mark resolved" x1="${x}" x2="${x}" y1="7" y2="${HEIGHT - 7}" />`,
    ),
  ];
}

function strip(episode: Episode, span: Span, nowMs: number): Html {
  const from = placeOf(episode.openedAtMs, span);
  const to = placeOf(endOf(episode, nowMs), span);
  const acknowledged = episode.acknowledgedAtMs > 0 ? placeOf(episode.acknowledgedAtMs, span) : to;
  const piece = (name: string, start: number, end: number): Html =>
    html`<rect
      class="${name} ${episode.severity}"
      x="${start}%"
      width="${Math.max(0.25, end - start).toFixed(2)}%"
      y="${MIDDLE - 5}"
      height="10"
    />`;
  // What nobody had taken yet is drawn full, what somebody works on is drawn lighter.
  return html`<svg
    role="img"
    width="100%"
    height="${HEIGHT}"
    ${attributes({ 'aria-label': described(episode, nowMs) })}
  >
    <title>${described(episode, nowMs)}</title>
    ${gridLines(span, HEIGHT)}
    ${piece('waiting', from, Math.min(acknowledged, to))}${acknowledged < to ? piece('taken', acknowledged, to) : EMPTY}
    ${marks(episode, span)}
  </svg>`;
}

function lane(context: PageContext, episode: Episode, at: { span: Span; nowMs: number }): Html {
  const title = patternTitle(context, episode.pattern);
  const href = pageHref(context.root, ['incidents', episode.incident]);
  return html`<li class="lane">
    <div class="what">
      ${severityBadge(episode.severity)} <a href="${href}">${cut(title, NAME_CHARS_MAX)}</a>
      <bdi class="identity"
        >${cut(scopeText(episode.scope), NAME_CHARS_MAX)}${episode.episode > 1 ? ` · episode ${episode.episode}` : ''}</bdi
      >
    </div>
    <div class="strip">${strip(episode, at.span, at.nowMs)}</div>
    <div class="how">
      ${stateBadge(episode.state)}
      <span class="fact">${duration(endOf(episode, at.nowMs) - episode.openedAtMs)}</span>
    </div>
  </li>`;
}

/** The lanes with their axis; a sentence where there are none. */
export function lanesPlot(
  context: PageContext,
  data: { readonly episodes: readonly Episode[]; readonly episodesCut: boolean; readonly nowMs: number },
  range: { readonly span: Span; readonly words: string },
): Html {
  const { span } = range;
  if (data.episodes.length === 0) return html`<p class="none">No incident in the ${range.words}.</p>`;
  const shown = data.episodes.slice(0, LANES_MAX);
  const more =
    data.episodesCut || shown.length < data.episodes.length
      ? html`<p class="fact">
          Only the latest ${shown.length} are drawn;
          <a href="${pageHref(context.root, ['incidents'], { from: isoSeconds(span.fromMs) })}"
            >all of them are in the list</a
          >.
        </p>`
      : EMPTY;
  return html`<ol class="lanes">
      ${shown.map((episode) => lane(context, episode, { span, nowMs: data.nowMs }))}
    </ol>
    <div class="lane axis" aria-hidden="true">
      <div class="strip"><svg width="100%" height="18">${tickLabels(span, 13)}</svg></div>
    </div>
    <p class="key">
      A stroke marks the opening, a ring who acknowledged it, the end of the bar its resolution; from the ring
      on the bar is lighter.
    </p>
    ${more}`;
}

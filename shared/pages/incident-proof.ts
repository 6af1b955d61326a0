// Parts of an incident's page: what the checks found, what to do, the lines that prove it, the lines around them.
import type { ContextLine } from '#shared/model/diagnosis.ts';
import type { CheckVerdict, Incident } from '#shared/model/incident.ts';
import { logsLink } from '#shared/notify/logs-link.ts';
import { cut } from '#shared/notify/slack-text.ts';
import { aboutOf, checkWords, wordingOf } from '#shared/notify/words.ts';
import { EMPTY, html, type Html } from './html.ts';
import { outsideHref } from './href.ts';
import { inLanguage } from './incident-words.ts';
import { patternOf, type PageContext } from './layout.ts';
import { LINE_CHARS_MAX, NAME_CHARS_MAX, PROOF_CHARS_MAX } from './text.ts';
import { ago, moment } from './when.ts';

const CHECKS_MAX = 20;
const COMMAND_CHARS_MAX = 6_000;

const VERDICTS: Readonly<Record<CheckVerdict['verdict'], { readonly mark: string; readonly word: string }>> =
  {
    ok: { mark: 'good', word: 'as expected' },
    fault: { mark: 'bad', word: 'fault' },
    unreadable: { mark: 'unknown', word: 'not readable' },
  };

function checkRow(context: PageContext, check: CheckVerdict, nowMs: number): Html {
  const { mark, word } = VERDICTS[check.verdict];
  const { expected, found } = checkWords(check, context.language);
  return html`<tr>
    <th scope="row">
      <code>${cut(check.id, NAME_CHARS_MAX)}</code><span class="verdict ${mark}">${word}</span>
    </th>
    <td data-label="Expected" class="words">${inLanguage(context, cut(expected, LINE_CHARS_MAX))}</td>
    <td data-label="Found" class="words">
      ${inLanguage(context, cut(found, LINE_CHARS_MAX))}
      <details>
        <summary>read ${ago(check.atMs, nowMs)}</summary>
        <code><bdi>${cut(check.how, LINE_CHARS_MAX)}</bdi></code>
      </details>
    </td>
  </tr>`;
}

/** Expected and found of every check. */
export function checksSection(context: PageContext, incident: Incident, nowMs: number): Html {
  const checks = incident.checks ?? [];
  if (checks.length === 0) {
    const none = (patternOf(context, incident.pattern)?.checks.length ?? 0) === 0;
    const why = none ? 'Nothing can be read from outside for this pattern.' : 'They have not run yet.';
    return html`<section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <p class="none">${why}</p>
    </section>`;
  }
  return html`<section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <table class="cards checks">
      <caption class="hidden">
        Checks with what was expected and found
      </caption>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Expected</th>
          <th scope="col">Found</th>
        </tr>
      </thead>
      <tbody>
        ${checks.slice(0, CHECKS_MAX).map((check) => checkRow(context, check, nowMs))}
      </tbody>
    </table>
  </section>`;
}

/** The steps with their commands whole, ready to paste; half a command is worse than none. */
export function remedySection(context: PageContext, incident: Incident): Html {
  const pattern = patternOf(context, incident.pattern);
  if (pattern === undefined)
    return html`<section aria-labelledby="remedy">
      <h2 id="remedy">What to do</h2>
      <p>No pattern knows this line yet. A pattern of your own can: docs/patterns.md says how.</p>
    </section>`;
  const wording = wordingOf(pattern, context.language);
  const steps = wording.steps(aboutOf(incident)).map(({ say, run }) => {
    const command =
      run === undefined || run.length > COMMAND_CHARS_MAX
        ? EMPTY
        : html`<div class="command">
            <pre tabindex="0"><code>${run}</code></pre>
          </div>`;
    return html`<li>${inLanguage(context, cut(say, LINE_CHARS_MAX))}${command}</li>`;
  });
  const references = pattern.references.map((reference) => {
    const href = outsideHref(reference);
    return href === undefined
      ? html`<li>${cut(reference, LINE_CHARS_MAX)}</li>`
      : html`<li><a href="${href}" rel="noreferrer">${reference}</a></li>`;
  });
  return html`<section aria-labelledby="remedy">
    <h2 id="remedy">What to do</h2>
    <ol class="steps">
      ${steps}
    </ol>
    <p class="fact">It counts as gone when ${inLanguage(context, cut(wording.gone, LINE_CHARS_MAX))}.</p>
    <details>
      <summary>References</summary>
      <ul>
        ${references}
      </ul>
    </details>
  </section>`;
}

/** The redacted lines that it was recognised by, and the way to all of them. */
export function proofSection(context: PageContext, incident: Incident): Html {
  const link = outsideHref(logsLink(incident, patternOf(context, incident.pattern)));
  const explorer =
    link === undefined
      ? EMPTY
      : html`<p><a href="${link}" rel="noreferrer">All its entries in the Logs Explorer</a></p>`;
  const lines = incident.evidence.samples.map(
    (sample) =>
      html`<li>
        <p class="fact">
          ${moment(sample.timeMs)} · <bdi>${cut(sample.proxy, NAME_CHARS_MAX)}</bdi> ·
          <bdi>${cut(sample.logName, LINE_CHARS_MAX)}</bdi>
        </p>
        <pre tabindex="0"><code>${cut(sample.message, PROOF_CHARS_MAX)}</code></pre>
      </li>`,
  );
  const shown =
    lines.length === 0
      ? html`<p class="none">No line is kept.</p>`
      : html`<ol class="lines">
          ${lines}
        </ol>`;
  return html`<section aria-labelledby="proof">
    <h2 id="proof">Proof</h2>
    ${shown}${explorer}
  </section>`;
}

/** What else the first proxy wrote around the first sighting. */
export function contextSection(lines: readonly ContextLine[]): Html {
  if (lines.length === 0) return EMPTY;
  const rows = lines.map(
    ({ atMs, level, logName, message }) =>
      html`<tr>
        <td>${moment(atMs)}</td>
        <td>${cut(level, NAME_CHARS_MAX)}</td>
        <td class="words">
          <bdi>${cut(message, LINE_CHARS_MAX)}</bdi
          ><small><bdi>${cut(logName, NAME_CHARS_MAX * 2)}</bdi></small>
        </td>
      </tr>`,
  );
  return html`<section aria-labelledby="around">
    <h2 id="around">Around the first sighting</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="around">
      <table class="around">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Level</th>
            <th scope="col">Line</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

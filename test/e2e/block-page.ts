// A Slack message as a page: its own blocks, drawn about as Slack draws them, for pictures in docs/.
// In: blocks in Slack's form. Out: HTML without scripts. Slack's own look differs; the words do not.

interface Block {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly {
    readonly text?: string | { readonly text: string };
    readonly style?: string;
  }[];
}

const STYLE = `
  body { margin: 0; padding: 18px 22px; width: 720px; font: 15px/1.46 Lato, 'Liberation Sans', sans-serif; color: #1d1c1d; background: #fff; }
  .who { font-weight: 900; } .app { font-size: 10px; background: #ddd; border-radius: 2px; padding: 1px 3px; vertical-align: 2px; } .at { color: #616061; font-size: 12px; }
  h3 { font-size: 18px; margin: 6px 0; } p { margin: 6px 0; } hr { border: 0; border-top: 1px solid #ddd; margin: 10px 0; }
  pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0; font: 12px/1.5 'Liberation Mono', monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
  code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; font: 12px 'Liberation Mono', monospace; color: #c01343; }
  a { color: #1264a3; text-decoration: none; } .small { color: #616061; font-size: 12px; }
  .buttons span { display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 4px 12px; margin: 4px 8px 4px 0; font-weight: 700; font-size: 13px; }
  .buttons .primary { background: #007a5a; border-color: #007a5a; color: #fff; }`;

/** Slack's mrkdwn, as far as our messages use it. Slack's escapes are HTML's, so the text goes in as it is. */
function html(mrkdwn: string): string {
  return mrkdwn
    .replaceAll(/\n?(```[^]*?```)\n?/g, '$1')
    .split(/(```[^]*?```|`[^`]*`)/)
    .map((part) => {
      if (part.startsWith('```')) return `<pre>${part.slice(3, -3)}</pre>`;
      if (part.startsWith('`')) return `<code>${part.slice(1, -1)}</code>`;
      return part
        .replaceAll(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, '$1')
        .replaceAll(/<https:[^|>]*\|([^>]*)>/g, '<a>$1</a>')
        .replaceAll(/\*([^*\n]+)\*/g, '<b>$1</b>')
        .replaceAll('\n', '<br>');
    })
    .join('');
}

function blockHtml(block: Block): string {
  const texts = (block.elements ?? []).map(({ text, style }) => ({
    text: typeof text === 'string' ? text : (text?.text ?? '⋮'),
    style: style ?? '',
  }));
  switch (block.type) {
    case 'header':
      return `<h3>${(block.text?.text ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</h3>`;
    case 'section':
      return `<p>${html(block.text?.text ?? '')}</p>`;
    case 'context':
      return `<p class="small">${texts.map(({ text }) => html(text)).join(' ')}</p>`;
    case 'actions':
      return `<p class="buttons">${texts.map(({ text, style }) => `<span class="${style}">${text}</span>`).join('')}</p>`;
    case 'divider':
      return '<hr>';
    default:
      throw new Error(`no drawing for a block of type ${block.type}`);
  }
}

/** The whole page. */
export function blockPage(blocks: readonly Block[]): string {
  const head =
    '<span class="who">mesh-triage</span> <span class="app">APP</span> <span class="at">10:02</span>';
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${head}${blocks.map(blockHtml).join('\n')}`;
}

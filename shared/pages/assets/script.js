// The pages work without this. It writes times in the reader's own zone, reads the overview again every half minute,
// copies commands, shows what a bar stands for, and keeps empty fields out of the address.
const REFRESH_MS = 30_000;

const zone = new Intl.DateTimeFormat([], { timeZoneName: 'short' });
const forms = {
  full: new Intl.DateTimeFormat([], { dateStyle: 'medium', timeStyle: 'short' }),
  long: new Intl.DateTimeFormat([], { dateStyle: 'full', timeStyle: 'long' }),
  clock: new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' }),
  date: new Intl.DateTimeFormat([], { day: 'numeric', month: 'short' }),
  short: new Intl.DateTimeFormat([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
};

function localise(within) {
  for (const element of within.querySelectorAll('time[datetime]')) {
    const moment = new Date(element.dateTime);
    element.title = `${forms.long.format(moment)} · ${element.dateTime}`;
    if (element.dataset.form !== 'ago') element.textContent = forms.full.format(moment);
  }
  for (const element of within.querySelectorAll('text[data-time]'))
    element.textContent = forms[element.dataset.form].format(new Date(element.dataset.time));
}

function addCopyButtons(within) {
  if (!navigator.clipboard) return;
  for (const block of within.querySelectorAll('.command')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
    });
    block.append(button);
  }
}

// What a bar stands for, beneath its plot: the title of an element in SVG shows late, and never on touch.
function showBars(within) {
  for (const plot of within.querySelectorAll('figure.plot')) {
    const line = document.createElement('p');
    line.className = 'readout';
    line.setAttribute('aria-hidden', 'true');
    plot.querySelector('svg').after(line);
    const show = (event) => {
      line.textContent = event.target.closest?.('g.bar')?.querySelector('title')?.textContent ?? '';
    };
    plot.addEventListener('pointermove', show);
    plot.addEventListener('pointerleave', () => (line.textContent = ''));
  }
}

function enliven(within) {
  localise(within);
  addCopyButtons(within);
  showBars(within);
}

function keepAddressShort() {
  for (const form of document.querySelectorAll('form.filter'))
    form.addEventListener('formdata', (event) => {
      const empty = Array.from(event.formData).filter(([, value]) => value === '');
      for (const [name] of empty) event.formData.delete(name);
    });
}

// A reader who selects text or stands in the middle of the part is not disturbed.
function isBusy(main) {
  return (
    !getSelection().isCollapsed || (main !== document.activeElement && main.contains(document.activeElement))
  );
}

async function refresh(status) {
  const main = document.getElementById('main');
  if (isBusy(main)) return;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const next = fresh.getElementById('main');
  if (!next || isBusy(main)) return;
  const open = [...main.querySelectorAll('details')].map((details) => details.open);
  enliven(next);
  for (const [index, details] of [...next.querySelectorAll('details')].entries())
    details.open = open[index] ?? false;
  main.replaceWith(document.adoptNode(next));
  document.title = fresh.title;
  status.textContent = `Live · ${forms.clock.format(new Date())}`;
}

function keepFresh() {
  const place = document.getElementById('live');
  if (!document.querySelector('main[data-live]') || !place) return;
  const status = document.createElement('span');
  status.textContent = 'Live';
  const pause = document.createElement('button');
  pause.type = 'button';
  pause.textContent = 'Pause';
  let isPaused = false;
  let dueMs = performance.now() + REFRESH_MS;
  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? 'Go on' : 'Pause';
    if (isPaused) status.textContent = 'Paused';
    else dueMs = 0;
    look();
  });
  const look = () => {
    if (isPaused || document.hidden || performance.now() < dueMs) return;
    dueMs = performance.now() + REFRESH_MS;
    refresh(status).catch(() => (status.textContent = 'Not reached; this may be old'));
  };
  place.append(status, ' ', pause);
  setInterval(look, 1_000);
  document.addEventListener('visibilitychange', look);
}

enliven(document);
keepAddressShort();
keepFresh();
const name = zone.formatToParts(new Date()).find(({ type }) => type === 'timeZoneName');
const foot = document.querySelector('footer p');
if (foot && name) foot.append(` · times in ${name.value}`);

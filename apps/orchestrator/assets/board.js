/**
 * The board, live (docs/adr/0025). Everything on it can be read and done without this file. It listens to the stream of events,
 * asks for the same page again and puts in place what differs. What would move something that is being read waits for a key.
 */
const RELOAD_MS = 1000;
const RETRY_MS = 20_000;
const note = document.getElementById('live');
let held = null;
let timer = 0;
let isAsking = false;
let isStale = false;
/* The tag of what was taken last. */
let shown = null;

function tellLive(at, words) {
  if (note === null) return;
  note.dataset.at = at;
  if (note.textContent !== words) note.textContent = words;
}

/* The stream begins behind what the page was made of; a browser resumes it by Last-Event-ID. */
function follow() {
  const since = document.body.dataset.liveSince;
  if (since === undefined) return;
  const source = new EventSource(`/events?since=${since}&as=changes`);
  source.onopen = () => held === null && tellLive('open', 'live');
  source.onerror = () => (source.readyState === EventSource.CLOSED ? again() : tellLive('lost', 'connecting'));
  source.onmessage = schedule;
  source.addEventListener('reset', schedule);
  addEventListener('pagehide', () => source.close(), { once: true });
}

/* Refused: the session is over, or there was no place. What is shown stays. */
function again() {
  tellLive('lost', 'not live: load the page again');
  setTimeout(follow, RETRY_MS);
}

function schedule() {
  isStale = true;
  if (document.hidden || timer !== 0 || isAsking) return;
  timer = setTimeout(refresh, RELOAD_MS);
}

async function refresh() {
  timer = 0;
  if (document.hidden) return;
  isAsking = true;
  isStale = false;
  try {
    const headers = { accept: 'text/html', ...(shown === null ? {} : { 'if-none-match': shown }) };
    const answer = await fetch(location.href, { headers, credentials: 'same-origin' });
    const text = await answer.text();
    if (answer.ok) {
      shown = answer.headers.get('etag');
      take(text);
    }
  } catch {
    tellLive('lost', 'connecting');
  }
  isAsking = false;
  if (isStale) schedule();
}

function take(text) {
  const start = performance.now();
  const page = new DOMParser().parseFromString(text, 'text/html');
  const waiting = [];
  /* All is measured before anything is written: what is measured after a change is laid out anew for it. */
  const patches = [];
  for (const fresh of page.querySelectorAll('[data-live]')) {
    const region = document.querySelector(`[data-live="${CSS.escape(fresh.dataset.live)}"]`);
    if (region !== null && !region.isEqualNode(fresh)) patches.push(planned(region, fresh));
  }
  for (const patch of patches) write(patch, waiting);
  hold(waiting);
  performance.measure('update', { start });
  performance.clearMeasures('update');
}

const keysOf = (region) => [...region.children].map((row) => row.dataset.key ?? '');

function planned(region, fresh) {
  const [before, after] = [keysOf(region), keysOf(fresh)];
  const isSame = before.length === after.length && before.every((key, at) => key === after[at]);
  const waits = !isSame && (isRead(region) || pushesDown(region, after.length - before.length));
  return { region, fresh, waits, height: region.offsetHeight };
}

function write({ region, fresh, waits, height }, waiting) {
  if (!waits) rows(region, fresh, height);
  else {
    for (const row of region.children) {
      const next = [...fresh.children].find((one) => one.dataset.key === row.dataset.key);
      if (next !== undefined && !isTaller(row, next)) replace(row, next);
    }
    waiting.push({ region, fresh });
  }
}

/* Slots keep their places: a row that moves up is written into the slot above, so nothing slides under a pointer. */
function rows(region, fresh, height = region.offsetHeight) {
  if (height > 0) region.style.minHeight = `${height}px`;
  const next = [...fresh.children];
  const now = [...region.children];
  for (const [at, row] of next.entries()) {
    if (now[at] === undefined) region.append(document.importNode(row, true));
    else replace(now[at], row);
  }
  for (const row of now.slice(next.length)) row.remove();
}

function replace(row, next) {
  if (row.isEqualNode(next)) return;
  const isSame = row.dataset.key === next.dataset.key;
  if (replaceCells(row, next)) return;
  const open = isSame ? [...row.querySelectorAll('details')].map((one) => one.open) : [];
  const focused = isSame && row.contains(document.activeElement) ? places(row).indexOf(document.activeElement) : -1;
  const put = document.importNode(next, true);
  row.replaceWith(put);
  for (const [at, details] of [...put.querySelectorAll('details')].entries()) details.open = open[at] ?? details.open;
  if (focused >= 0) places(put)[focused]?.focus({ preventScroll: true });
}

/* Where a row has the cells that it had, only those are replaced that differ. False: it has others, or somebody is in it. */
function replaceCells(row, next) {
  const [now, after] = [[...row.children], [...next.children]];
  const isAlike = row.nodeName === next.nodeName && now.length > 1 && now.length === after.length;
  const isPlain = isAlike && now.every((cell, at) => cell.className === after[at].className);
  const hasText = [...row.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
  if (!isPlain || hasText || row.contains(document.activeElement) || row.querySelector('details') !== null)
    return false;
  for (const { name, value } of next.attributes) if (row.getAttribute(name) !== value) row.setAttribute(name, value);
  for (const { name } of [...row.attributes]) if (!next.hasAttribute(name)) row.removeAttribute(name);
  for (const [at, cell] of now.entries())
    if (!cell.isEqualNode(after[at])) cell.replaceWith(document.importNode(after[at], true));
  return row.isEqualNode(next);
}

const places = (row) => [...row.querySelectorAll('a, button, summary, input, select, [tabindex]')];

/* A row that grows would push down what is read below it. */
function isTaller(row, next) {
  const trial = document.importNode(next, true);
  trial.style.visibility = 'hidden';
  trial.style.position = 'absolute';
  trial.style.width = `${row.getBoundingClientRect().width}px`;
  row.after(trial);
  const isMore = trial.offsetHeight > row.offsetHeight + 1;
  trial.remove();
  return isMore;
}

/* Somebody points at it, stands in it with the keyboard, or has marked text in it. */
function isRead(region) {
  const marked = getSelection();
  return (
    region.matches(':hover') ||
    region.contains(document.activeElement) ||
    (marked !== null && !marked.isCollapsed && region.contains(marked.anchorNode)) ||
    region.querySelector('details[open]') !== null
  );
}

/* A list that grows pushes down what stands below it, where that can be seen. */
function pushesDown(region, more) {
  if (more <= 0) return false;
  const { bottom, left, right } = region.getBoundingClientRect();
  if (bottom >= innerHeight) return false;
  return [...document.querySelectorAll('main [data-live], main h2')].some((other) => {
    const box = other.getBoundingClientRect();
    return (
      !region.contains(other) && box.top >= bottom && box.top < innerHeight && box.left < right && box.right > left
    );
  });
}

function hold(waiting) {
  held = waiting.length === 0 ? null : waiting;
  if (note === null) return;
  if (held === null) return tellLive('open', 'live');
  const words = `${held.length} ${held.length === 1 ? 'change' : 'changes'}, show`;
  if (note.textContent === words) return;
  tellLive('held', '');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = words;
  button.onclick = show;
  note.append(button);
}

function show() {
  for (const { region, fresh } of held ?? []) rows(region, fresh);
  hold([]);
}

/* What waited only because somebody looked is shown when they look elsewhere. */
function showWhenLeft() {
  if (
    held?.every(
      ({ region, fresh }) => !isRead(region) && !pushesDown(region, fresh.children.length - region.children.length),
    )
  )
    show();
}

/* Times stay true on a page that is left open; the words are those of marks.tsx. */
function ago(ms) {
  const [size, word] = [Math.abs(ms), roughly(Math.abs(ms))];
  if (size < 10_000) return 'just now';
  return ms < 0 ? `in ${word}` : `${word} ago`;
}
function roughly(ms) {
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / 86_400_000)} days`;
}
function tellTimes() {
  for (const time of document.querySelectorAll('time[datetime]')) {
    const words = ago(Date.now() - Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}

/* The end of a log follows what is printed, as long as its end is looked at. */
async function followLog(log) {
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.scrollTop = log.scrollHeight;
  while (log.isConnected && log.dataset.follow !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
    if (document.hidden) continue;
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById(log.id);
      if (fresh === null) return;
      const follows = isAtEnd();
      if (fresh.textContent !== log.textContent) log.textContent = fresh.textContent;
      if (follows) log.scrollTop = log.scrollHeight;
      if (fresh.dataset.follow === undefined) delete log.dataset.follow;
    } catch {
      tellLive('lost', 'connecting');
    }
  }
}

/* Keys */
const KEYS = [
  ['j', 'next entry', () => step(1)],
  ['k', 'entry before', () => step(-1)],
  ['r', 'show the changes that wait', show],
  ['g', 'the queue', () => location.assign('/')],
  ['w', 'work by stage', () => location.assign('/board/work')],
  ['a', 'audit log', () => location.assign('/board/audit')],
  ['/', 'search', () => document.querySelector('input[type=search]')?.focus()],
  ['?', 'these keys', listKeys],
];

function step(by) {
  const entries = [...document.querySelectorAll('main li[data-key] a, main li[data-entry] summary, main .row a')];
  const firsts = entries.filter(
    (entry, at) => entries.findIndex((one) => one.closest('li') === entry.closest('li')) === at,
  );
  const now = firsts.findIndex((entry) => entry.closest('li')?.contains(document.activeElement));
  firsts[Math.max(0, Math.min(firsts.length - 1, now + by))]?.focus();
}

function listKeys() {
  const known = document.getElementById('keys');
  if (known !== null) return known.showModal();
  const dialog = document.createElement('dialog');
  dialog.id = 'keys';
  dialog.setAttribute('aria-labelledby', 'keys-title');
  const title = document.createElement('h2');
  title.id = 'keys-title';
  title.textContent = 'Keys';
  const list = document.createElement('dl');
  list.className = 'keys';
  for (const [key, words] of KEYS) {
    const [dt, kbd, dd] = ['dt', 'kbd', 'dd'].map((name) => document.createElement(name));
    kbd.textContent = key;
    dd.textContent = words;
    dt.append(kbd);
    list.append(dt, dd);
  }
  const close = document.createElement('button');
  close.textContent = 'Close';
  close.onclick = () => dialog.close();
  dialog.append(title, list, close);
  document.body.append(dialog);
  dialog.showModal();
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // A list of keys that was closed has the focus until the next frame.
  if (event.target.closest('input, textarea, select, dialog[open]') !== null) return;
  const known = KEYS.find(([key]) => key === event.key);
  if (known === undefined) return;
  event.preventDefault();
  known[2]();
});
addEventListener('click', (event) => {
  const menu = document.getElementById('menu');
  if (menu?.open === true && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && isStale) schedule();
});
setInterval(tellTimes, 30_000);
setInterval(showWhenLeft, RELOAD_MS);
follow();
for (const log of document.querySelectorAll('[data-follow]')) followLog(log);

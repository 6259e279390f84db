/*
 * The tag of Streamside. In the page, before anything that calls it:
 *   <script>window.ss = window.ss || function () { (ss.q = ss.q || []).push(arguments); };</script>
 *   <script async src="https://collector.example/s.js"></script>
 * Then: ss('create', site); ss('send', 'pageview'); ss('send', 'product', { sku });
 *   ss('send', 'search', { query, results }); ss('send', 'cart'); ss('send', 'checkout');
 *   ss('send', 'offer-shown' | 'offer-dismissed' | 'offer-clicked', { code });
 *   ss('send', 'event', category, action, label, value);
 */
(() => {
  const queued = (window.ss && window.ss.q) || [];
  if (window.ss && window.ss.runs) return;
  if (navigator.globalPrivacyControl) {
    window.ss = () => {};
    return;
  }

  const door = new URL('collect', document.currentScript.src).href;
  const named = {
    __proto__: null,
    product: ['ProductViewed', 'sku'],
    search: ['ProductsSearched', 'query', 'results'],
    cart: ['CartViewed'],
    checkout: ['CheckoutStarted'],
    'offer-shown': ['OfferShown', 'code'],
    'offer-dismissed': ['OfferDismissed', 'code'],
    'offer-clicked': ['OfferClicked', 'code'],
  };
  const remembered = {};
  let site, tab, number, hits, leaving, told, previous, exited;
  let timer, busy;
  let failures = 0;
  let errorsLeft = 5;

  // crypto.randomUUID is missing on pages without https.
  const uuid = () =>
    [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte, i) => (i == 6 ? (byte & 15) | 64 : i == 8 ? (byte & 63) | 128 : byte) + 256)
      .map((byte) => byte.toString(16).slice(1))
      .join('')
      .replace(/(.{8})(....)(....)(....)/, '$1-$2-$3-$4-');

  // The value of a first-party cookie, made when it is not there. Where cookies are blocked it
  // lives as long in memory.
  const identity = (name, seconds, renewed) => {
    const found = document.cookie.match(`(?:^|; )${name}=([A-Za-z0-9-]{8,64})(?:;|$)`);
    const old = remembered[name];
    const value = found ? found[1] : old && Date.now() < old.until ? old.value : uuid();
    if (!found || renewed) {
      const secure = location.protocol == 'https:' ? ';secure' : '';
      document.cookie = `${name}=${value};path=/;max-age=${seconds};samesite=lax${secure}`;
      remembered[name] = { value, until: Date.now() + seconds * 1000 };
    }
    return value;
  };

  // A duplicated tab gets a copy of sessionStorage. So the tab's id is in there only between two
  // pages: a copy of a living page has none and makes its own, and no number is used twice.
  const save = () => {
    const kept = leaving ? { hits, tab, number } : { hits };
    try {
      sessionStorage.setItem('ss', JSON.stringify(kept));
    } catch {
      // Blocked or full: the hits live as long as the page.
    }
  };
  const resume = () => {
    let kept;
    try {
      kept = JSON.parse(sessionStorage.getItem('ss'));
    } catch {
      // As above.
    }
    ({ tab = uuid(), number = 0, hits = [] } = kept || {});
    leaving = false;
    save();
  };

  const batch = () => {
    for (let count = 100; ; count >>= 1) {
      const sent = hits.slice(0, count);
      const body = JSON.stringify(sent);
      if (count == 1 || new Blob([body]).size < 6e4) return [body, sent];
    }
  };
  // Every request begins with the oldest unanswered hit: none is overtaken by a later one alone.
  const flush = async () => {
    timer = 0;
    busy = true;
    const [body, sent] = batch();
    let status;
    try {
      const signal = AbortSignal.timeout(1e4);
      const answer = await fetch(door, { method: 'POST', body, credentials: 'omit', signal });
      status = answer.status;
      if (status == 400) console.warn('ss:', await answer.text());
    } catch {
      // No answer; sent again below.
    }
    busy = false;
    // Refused or too large is an answer too: sent again, it would be refused again.
    if ([204, 400, 413].includes(status)) {
      failures = 0;
      hits = hits.filter((hit) => !sent.includes(hit));
      save();
    } else failures++;
    schedule();
  };
  const schedule = () => {
    if (busy || timer || !hits.length) return;
    const backOff = Math.min(500 * 2 ** failures, 3e4) * (0.5 + Math.random() / 2);
    timer = setTimeout(flush, failures && backOff);
  };
  const beacon = () => {
    const last = hits[hits.length - 1];
    // Not the same twice: pagehide and visibilitychange come together.
    if (last && last != told && navigator.sendBeacon(door, batch()[0])) told = last;
  };

  const address = () => location.href.slice(0, 2048);
  // Pages pass anything; what goes out is numbers and short texts.
  const plain = (value) => {
    if (value == null) return undefined;
    return typeof value == 'number' ? value : String(value).slice(0, 2048);
  };
  const add = (hit) => {
    hits.push(hit);
    if (hits.length > 1000) hits.shift();
    save();
    schedule();
  };
  const send = (type, fields) =>
    add({
      type,
      visitorId: identity('visitor', 31536e3),
      sessionId: identity('ss_session', 1800, true),
      tab,
      hit: ++number,
      site,
      url: address(),
      ...fields,
    });
  const report = (error) => {
    if (!site || !error || errorsLeft-- < 1) return;
    const message = String(error.message || error).slice(0, 1000);
    const stack = String(error.stack || '').slice(0, 4000);
    add({ type: 'ClientErrorReported', service: site, message, url: address(), stack });
  };

  const command = (verb, name, ...rest) => {
    const [type, ...fields] = (verb == 'send' && site && named[name]) || [];
    if (verb == 'create') site = String(name).slice(0, 60);
    else if (type) {
      const given = rest[0] || {};
      send(type, Object.fromEntries(fields.map((field) => [field, plain(given[field])])));
    } else if (verb == 'send' && site && name == 'pageview') {
      const referrer = (previous || document.referrer).slice(0, 2048);
      exited = false;
      previous = address();
      send('PageViewed', { title: document.title.slice(0, 300), referrer });
    } else if (verb == 'send' && site && name == 'event') {
      const [category, action, label, value] = rest.map(plain);
      send('CustomHit', { category, action, label, value });
    } else console.warn("ss: begin with ss('create', site); unknown:", verb, name);
  };

  resume();
  window.ss = command;
  command.runs = true;
  addEventListener('error', (event) => report(event.error));
  addEventListener('unhandledrejection', (event) => report(event.reason));
  document.addEventListener('visibilitychange', () => document.hidden && beacon());
  addEventListener('pagehide', () => {
    leaving = true;
    save();
    beacon();
  });
  // Back from the back/forward cache: another page may have used the tab's numbers meanwhile.
  addEventListener('pageshow', (event) => event.persisted && (resume(), schedule()));
  document.documentElement.addEventListener('mouseleave', (event) => {
    if (!site || exited || event.clientY > 0) return;
    exited = true;
    send('ExitIntended');
  });
  for (const call of queued) command(...call);
  schedule();
})();

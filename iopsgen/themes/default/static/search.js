// The search: fetches the few files of the index that hold the words, folded as searchwords.py does, and shows where they lead.
(page => {
  const KINDS = ["events", "posts", "chapters", "pages"];
  const form = page.querySelector("form[data-files]");
  const { q, kind, chapter } = form.elements;
  const say = form.dataset;
  const count = page.querySelector(".found-count");
  const found = page.querySelector(".found");
  const language = page.documentElement.lang.replace(/^en$/, "en-GB");
  const number = many => many.toLocaleString(language);
  let files = {}, turn = 0;
  const load = name => files[name] ||= fetch(say.files + name + ".json", { cache: "no-cache" }).then(got => got.json());

  let index, isUnspaced, runs;
  const prepare = async () => {
    index = await load("index");
    const { unspaced, joined } = index;
    isUnspaced = RegExp.prototype.test.bind(new RegExp(`^[${unspaced}]`, "u"));
    runs = more => new RegExp(`[${unspaced}]+|(?:(?![${unspaced}])[\\p{L}\\p{N}${more}]|[${joined}])+`, "gu");
  };
  const fold = text => text.normalize("NFKD").replace(new RegExp(`[${index.signs}]`, "g"), "").toLowerCase()
    .replace(/[^\0-\x7f]/g, sign => index.letters[sign] || sign).normalize();
  const wordsOf = text => (fold(text).match(runs("")) || []).flatMap(run => {
    const signs = [...run];
    if (!isUnspaced(run)) return run.slice(0, 32);
    return signs.length > 1 ? signs.slice(1).map((sign, n) => signs[n] + sign) : run;
  });
  const fileOf = word => {
    const [first, second = "\0"] = isUnspaced(word) ? [[...word][0]] : word;
    return "words-" + (first.codePointAt() * 89 + second.codePointAt()) % 257 % 32 % index.buckets;
  };

  // Number of each text in which a word stands → how well it fits.
  const places = async word => {
    const fits = new Map();
    for (const [other, steps] of Object.entries(await load(fileOf(word)))) {
      const exact = other === word;
      if (!exact && (!other.startsWith(word) || word[0] === "@" || word.length < 2 && !isUnspaced(word))) continue;
      let place = 0;
      for (const step of steps) {
        const text = (place += step) >> 4;
        fits.set(text, Math.max(fits.get(text) || 0, (place & 15) << exact));
      }
    }
    return fits;
  };

  // The texts that hold all words, else some, the best first; among equals what is to come, then the newest.
  const lookFor = async words => {
    const inside = chapter?.value && await places("@" + chapter.value);
    const scores = new Map();
    for (const word of words) for (const [text, fit] of await places(word)) {
      if (inside && !inside.has(text) || kind.value && KINDS[text & 3] !== kind.value) continue;
      scores.set(text, (scores.get(text) || 0) + 1e4 + fit);
    }
    const today = Date.now() / 864e5 - 1;
    const rank = text => {
      const day = index.days[text >> 2];
      return text & 3 ? -text : day === null || day >= today ? day : 1e6 - day;
    };
    const hits = [...scores].sort(([a, fit], [b, other]) => other - fit || rank(a) - rank(b));
    const whole = hits.filter(([, fit]) => fit > words.length * 1e4);
    return whole.length ? [whole, say.found] : [hits, hits.length ? say.some : say.none];
  };

  // What was written or typed is set as text, never as markup.
  const add = (parent, name, text = "") => {
    const element = page.createElement(name);
    element.textContent = text;
    return parent.appendChild(element);
  };
  const mark = (element, text, words) => {
    let at = 0;
    for (const { 0: piece, index: start } of text.matchAll(runs("\\p{M}" + index.signs))) {
      const folded = fold(piece);
      const whole = !isUnspaced(piece);
      for (let n = 0; n < (whole ? 1 : piece.length); n++) {
        const word = words.find(other => folded.startsWith(other, n) && (folded === other || other[1] || !whole));
        if (!word) continue;
        const from = Math.max(at, start + n);
        element.append(text.slice(at, from));
        at = start + (whole ? piece.length : n + word.length);
        add(element, "mark", text.slice(from, at));
      }
    }
    element.append(text.slice(at));
  };
  const entry = ([title, url, at, place, part, summary, other, status], words) => {
    const item = page.createElement("li");
    const heading = add(item, "h3");
    const link = add(heading, "a");
    link.href = url;
    mark(link, title, words);
    if (status) heading.append(" ", page.getElementById("status-" + status).content.cloneNode(true));
    const day = at && new Date(at + (at[10] ? "Z" : "")).toLocaleString(language, { timeZone: "UTC", dateStyle: "full", timeStyle: at[10] && "short" });
    const facts = add(item, "p");
    facts.className = "meta";
    [day, place, part].filter(Boolean).forEach((fact, n) => { if (n) facts.append(" · "); add(facts, "bdi", fact); });
    const body = add(item, "p");
    mark(body, summary, words);
    if (other) for (const part of [link, body]) [part.lang, part.dir] = [other, "auto"];
    return item;
  };

  const group = async (name, texts, words) => {
    const section = page.createElement("section");
    const heading = add(section, "h2", kind.querySelector(`[value=${name}]`).textContent + " ");
    add(heading, "span", number(texts.length)).className = "meta";
    section.setAttribute("aria-labelledby", heading.id = "found-" + name);
    const list = add(section, "ol");
    const fill = async part => list.append(...await Promise.all(part.map(async ([text]) =>
      entry((await load(`${name}-${Math.floor((text >> 2) / index.chunk)}`))[(text >> 2) % index.chunk], words))));
    await fill(texts.slice(0, 10));
    if (texts.length > 10) {
      const more = add(section, "button", say.more.replace("{}", number(texts.length)));
      more.className = "button plain";
      more.type = "button";
      more.onclick = tried(async () => {
        await fill(texts.slice(10));
        more.remove();
        list.children[10].querySelector("a").focus();
      });
    }
    return section;
  };

  const tried = act => () => act().catch(() => { files = {}; count.textContent = say.failed; });
  const show = tried(async () => {
    const mine = ++turn;
    await prepare();
    const words = [...new Set(wordsOf(q.value))].slice(0, 12);
    const [hits, said] = await lookFor(words);
    const kinds = KINDS.map((name, n) => [name, hits.filter(([text]) => (text & 3) === n)]).filter(([, texts]) => texts.length);
    const groups = await Promise.all(kinds.map(([name, texts]) => group(name, texts, words)));
    if (mine !== turn) return;
    found.replaceChildren(...groups);
    count.textContent = q.value ? said.replace("{}", number(hits.length)) : "";
  });

  const address = () => "?" + new URLSearchParams(new FormData(form));
  (onpopstate = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of [q, kind, chapter]) if (field) field.value = asked.get(field.name) || "";
    show();
  })();
  // What is typed in one go is one step back.
  let waiting, typing;
  const go = more => {
    clearTimeout(waiting);
    if (address() !== location.search) history[typing ? "replaceState" : "pushState"](0, "", address());
    typing = more;
    return show();
  };
  form.oninput = () => {
    clearTimeout(waiting);
    waiting = setTimeout(go, 200, true);
  };
  form.onsubmit = async event => {
    event.preventDefault();
    await go();
    found.focus();
  };
  form.hidden = false;
})(document);

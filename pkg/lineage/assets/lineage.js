"use strict";
(() => {
  const doc = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const flow = document.getElementById("flow");
  const panel = document.getElementById("panel");
  const details = document.getElementById("details");
  const about = document.getElementById("about");
  root.classList.add("js");

  // nodes: what is known of each address; cards: the element of each set.
  const nodes = new Map(), cards = new Map();
  for (const n of doc.nodes) nodes.set(n.address, { ...n, up: [], down: [], members: [], el: null });
  for (const n of nodes.values()) {
    for (const d of n.reads) {
      if (!nodes.has(d.address)) continue; // in another part of the project
      n.up.push(d);
      nodes.get(d.address).down.push({ address: n.address, role: d.role });
    }
    const of = n.set && nodes.get(n.set);
    if (of && n.address.includes(".")) of.members.push(n.address);
  }
  for (const el of flow.querySelectorAll("button.node")) nodes.get(el.dataset.address).el = el;
  for (const el of flow.querySelectorAll(".set")) cards.set(el.dataset.set, el);
  const cardOf = (n) => cards.get(n.set || n.address);

  let selected = null, only = false, onlyChanged = false;

  // What a selection leads to.
  function closure(start, side) {
    const out = new Set(), front = [...start];
    while (front.length) {
      for (const d of nodes.get(front.pop())[side]) {
        if (!out.has(d.address)) { out.add(d.address); front.push(d.address); }
      }
    }
    return out;
  }
  function related() {
    if (!selected) return null;
    const start = new Set([selected, ...nodes.get(selected).members]);
    return { start, up: closure(start, "up"), down: closure(start, "down") };
  }

  // Drawing. Lines go between nodes or, where those are folded away, cards.
  const narrow = matchMedia("(max-width: 820px)");
  const shown = (el) => el && el.offsetParent !== null;
  function stand(n) {
    if (shown(n.el)) return n.el;
    const card = cardOf(n);
    return shown(card) ? card.firstElementChild : null;
  }
  function box(el, origin) {
    const r = el.getBoundingClientRect();
    const card = el.closest(".set").getBoundingClientRect();
    return { left: card.left - origin.x, right: card.right - origin.x, y: r.top + r.height / 2 - origin.y };
  }
  function curve(a, b) {
    if (b.left >= a.right) {
      const bend = Math.max(28, (b.left - a.right) / 2);
      return `M${a.right} ${a.y}C${a.right + bend} ${a.y} ${b.left - bend} ${b.y} ${b.left} ${b.y}`;
    }
    const out = 16 + Math.min(26, Math.abs(b.y - a.y) / 6);
    return `M${a.right} ${a.y}C${a.right + out} ${a.y} ${b.right + out} ${b.y} ${b.right} ${b.y}`;
  }
  function draw() {
    const svg = flow.querySelector(".lines");
    if (narrow.matches) return;
    // What stands absolutely must not keep the scrolled area large.
    svg.setAttribute("width", 0);
    svg.setAttribute("height", 0);
    const rect = flow.getBoundingClientRect();
    const origin = { x: rect.left - flow.scrollLeft + flow.clientLeft, y: rect.top - flow.scrollTop + flow.clientTop };
    const sets = related(), boxes = new Map(), drawn = { all: new Map(), up: new Map(), down: new Map() };
    const at = (el) => {
      if (!boxes.has(el)) boxes.set(el, box(el, origin));
      return boxes.get(el);
    };
    const within = (side, a) => sets.start.has(a) || sets[side].has(a);
    for (const n of nodes.values()) {
      const to = stand(n);
      if (!to) continue;
      for (const d of n.up) {
        const from = stand(nodes.get(d.address));
        if (!from || from === to) continue;
        let side = "all";
        if (sets && within("up", n.address) && sets.up.has(d.address)) side = "up";
        else if (sets && within("down", d.address) && sets.down.has(n.address)) side = "down";
        if (side === "all" && from.closest(".set") === to.closest(".set")) continue;
        const key = idOf(from) + ">" + idOf(to);
        if (!drawn[side].has(key)) drawn[side].set(key, curve(at(from), at(to)));
      }
    }
    for (const side of Object.keys(drawn)) svg.querySelector("." + side).setAttribute("d", [...drawn[side].values()].join(""));
    svg.setAttribute("width", flow.scrollWidth);
    svg.setAttribute("height", flow.scrollHeight);
  }
  const ids = new Map();
  function idOf(el) {
    if (!ids.has(el)) ids.set(el, ids.size);
    return ids.get(el);
  }

  // Cards stand level with what they are joined to, as far as their order and
  // heights let them: isotonic regression by pooling adjacent violators.
  const gap = 10;
  const neighbours = new Map();
  for (const n of nodes.values()) {
    for (const d of n.up) {
      const a = cardOf(nodes.get(d.address)), b = cardOf(n);
      if (a === b) continue;
      for (const [x, y] of [[a, b], [b, a]]) {
        if (!neighbours.has(x)) neighbours.set(x, new Set());
        neighbours.get(x).add(y);
      }
    }
  }
  const layers = [...flow.querySelectorAll(".layer")].map((l) => [...l.querySelectorAll(".set")]);
  layers.forEach((l, i) => l.forEach((card) => { card.layer = i; }));
  function place() {
    for (const card of cards.values()) card.style.marginTop = "";
    if (narrow.matches) return;
    const top = new Map(), height = new Map();
    const columns = layers.map((l) => l.filter(shown));
    for (const column of columns) {
      let y = 0;
      for (const card of column) {
        height.set(card, card.offsetHeight);
        top.set(card, y);
        y += card.offsetHeight + gap;
      }
    }
    const settle = (column, left, right) => {
      const blocks = [];
      let offset = 0;
      const offsets = column.map((card) => { const o = offset; offset += height.get(card) + gap; return o; });
      column.forEach((card, i) => {
        let sum = 0, n = 0;
        for (const other of neighbours.get(card) || []) {
          if (top.has(other) && (left && other.layer < card.layer || right && other.layer > card.layer)) { sum += top.get(other); n++; }
        }
        blocks.push({ value: (n ? sum / n : top.get(card)) - offsets[i], weight: n ? 1 : 0.2, cards: 1 });
        while (blocks.length > 1 && blocks.at(-2).value > blocks.at(-1).value) {
          const b = blocks.pop(), a = blocks.pop(), weight = a.weight + b.weight;
          blocks.push({ value: (a.value * a.weight + b.value * b.weight) / weight, weight, cards: a.cards + b.cards });
        }
      });
      let i = 0;
      for (const b of blocks) for (let k = 0; k < b.cards; k++, i++) top.set(column[i], Math.max(0, b.value) + offsets[i]);
    };
    for (let round = 0; round < 3; round++) {
      for (let i = 1; i < columns.length; i++) settle(columns[i], true, false);
      for (let i = columns.length - 2; i >= 0; i--) settle(columns[i], false, true);
    }
    const highest = Math.min(...[...top.values(), Infinity]);
    for (const column of columns) {
      let y = 0;
      for (const card of column) {
        const want = top.get(card) - (Number.isFinite(highest) ? highest : 0);
        card.style.marginTop = Math.max(0, want - y) + "px";
        y = Math.max(y, want) + height.get(card) + gap;
      }
    }
  }

  // Folding.
  function fold(card, open) {
    const button = card.querySelector(".open");
    if (!button) return;
    card.classList.toggle("opened", open);
    button.setAttribute("aria-expanded", open);
  }
  for (const card of cards.values()) fold(card, false);

  // One pass over classes, places and lines after anything changed.
  function refresh() {
    const sets = related();
    root.classList.toggle("selecting", sets !== null);
    for (const card of cards.values()) card.classList.remove("related", "filtered");
    const focus = sets && only;
    const keep = (n) => {
      if (focus && !(sets.start.has(n.address) || sets.up.has(n.address) || sets.down.has(n.address))) return false;
      return !onlyChanged || n.change && n.change.class !== "cosmetic";
    };
    const kept = new Map();
    for (const n of nodes.values()) {
      const mark = { selected: n.address === selected, up: sets && sets.up.has(n.address), down: sets && sets.down.has(n.address) };
      if (n.el) for (const [name, on] of Object.entries(mark)) n.el.classList.toggle(name, Boolean(on));
      if (n.el) n.el.toggleAttribute("aria-current", mark.selected);
      const card = cardOf(n);
      if (sets && (sets.start.has(n.address) || mark.up || mark.down)) card.classList.add("related");
      const inside = n.set && n.el;
      if (inside) n.el.parentElement.classList.toggle("filtered", (focus || onlyChanged) && !keep(n));
      if (keep(n)) kept.set(card, (kept.get(card) || 0) + 1);
    }
    if (focus || onlyChanged) for (const card of cards.values()) card.classList.toggle("filtered", !kept.has(card));
    for (const layer of flow.querySelectorAll(".layer")) {
      const count = layer.querySelector(".count"), left = layer.querySelectorAll(".set:not(.filtered)").length;
      count.textContent = left < count.dataset.all ? `${left} of ${count.dataset.all}` : left;
      layer.classList.toggle("filtered", left === 0);
    }
    const button = document.getElementById("only");
    button.disabled = !sets;
    button.setAttribute("aria-pressed", only && sets !== null);
    place();
    draw();
  }

  // Details.
  function add(parent, tag, text, className) {
    const el = document.createElement(tag);
    if (text !== undefined) el.textContent = text;
    if (className) el.className = className;
    parent.append(el);
    return el;
  }
  function list(title, deps) {
    add(details, "h2", `${title} (${deps.length})`);
    if (!deps.length) { add(details, "p", "nothing here", "kind"); return; }
    const ul = add(details, "ul", undefined, "links");
    for (const d of deps) {
      const known = nodes.has(d.address);
      const b = add(add(ul, "li"), known ? "button" : "div");
      add(b, "bdi", d.address);
      if (d.role) add(b, "span", d.role, "role");
      if (!known) continue; // in another part of the project
      b.type = "button";
      b.addEventListener("click", () => go(d.address));
    }
  }
  function explain() {
    details.replaceChildren();
    const n = selected && nodes.get(selected);
    details.hidden = !n;
    about.hidden = Boolean(n);
    panel.classList.toggle("sheet", Boolean(n));
    root.classList.toggle("has-sheet", Boolean(n));
    if (!n) return;
    const close = add(details, "button", "×", "close");
    close.type = "button";
    close.setAttribute("aria-label", "Close details");
    close.addEventListener("click", () => { const el = stand(n); go(""); if (el) el.focus(); });
    add(details, "p", n.kind + (n.type ? " · " + n.type : ""), "kind");
    add(details, "h2", undefined, "address").append(add(details, "bdi", n.address));
    if (n.display_name) add(details, "p", n.display_name, "display");
    if (n.description) add(details, "p", n.description, "kind");
    if (n.change) {
      const p = add(details, "p", undefined, "change");
      add(p, "strong", n.change.class);
      p.append(" " + n.change.reason);
    }
    if (n.definition) {
      add(details, "h2", "Definition");
      if (n.change && n.change.before) add(details, "pre", "− " + n.change.before, "before");
      add(details, "pre", (n.change && n.change.before ? "+ " : "") + n.definition, n.change && n.change.before ? "after" : "");
    }
    add(details, "h2", "About");
    const dl = add(details, "dl");
    const row = (name, value, className) => { add(dl, "dt", name); add(dl, "dd", value, className); };
    for (const f of n.facts || []) row(f.name, f.value);
    if (n.place) row("place", n.place.file + (n.place.line ? ":" + n.place.line + ":" + n.place.col : ""), "mono");
    if (n.key) row("key", n.key, "key");
    const sets = related();
    row("in all", `reads ${sets.up.size}, read by ${sets.down.size}`);
    list("Reads", n.reads);
    list("Read by", n.down);
    if (n.members.length) list("Holds", n.members.map((address) => ({ address })));
    panel.scrollTop = 0;
  }

  // The address in the location is what is selected, so links and Back work.
  function go(address) {
    if ((selected || "") === address) select(address);
    else location.hash = encodeURI(address);
  }
  function fromLocation() {
    let address = "";
    try { address = decodeURI(location.hash.slice(1)); } catch { /* not one of ours */ }
    select(nodes.has(address) ? address : "");
  }
  function select(address) {
    selected = address || null;
    if (!selected) only = false;
    const n = selected && nodes.get(selected);
    if (n && n.set) fold(cardOf(n), true);
    explain();
    refresh();
    const el = n && stand(n);
    if (!el) return;
    const r = el.getBoundingClientRect(), view = flow.getBoundingClientRect();
    const hidden = r.top < view.top || r.bottom > view.bottom;
    el.scrollIntoView({ block: narrow.matches ? "start" : hidden ? "center" : "nearest", inline: "nearest" });
  }
  addEventListener("hashchange", fromLocation);

  flow.addEventListener("click", (e) => {
    const open = e.target.closest(".open");
    if (open) {
      const card = open.closest(".set");
      fold(card, !card.classList.contains("opened"));
      refresh();
      return;
    }
    const node = e.target.closest("button.node");
    if (node) go(node.dataset.address === selected ? "" : node.dataset.address);
    else if (selected && !narrow.matches && !e.target.closest(".set")) go("");
  });

  const openAll = document.getElementById("open-all");
  openAll.addEventListener("click", () => {
    const open = openAll.getAttribute("aria-pressed") !== "true";
    openAll.setAttribute("aria-pressed", open);
    for (const card of cards.values()) fold(card, open);
    refresh();
  });
  document.getElementById("only").addEventListener("click", () => {
    only = !only;
    if (only) {
      // Few enough to see each column: open them.
      const sets = related(), all = [...sets.start, ...sets.up, ...sets.down].map((a) => nodes.get(a)).filter((n) => n.set && n.address.includes("."));
      if (all.length <= 150) for (const n of all) fold(cardOf(n), true);
    }
    refresh();
    flow.scrollTo(0, 0);
  });
  const changedButton = document.getElementById("only-changed");
  if (changedButton) changedButton.addEventListener("click", () => {
    onlyChanged = !onlyChanged;
    changedButton.setAttribute("aria-pressed", onlyChanged);
    if (onlyChanged) for (const n of nodes.values()) if (n.set && n.change && n.change.class !== "cosmetic") fold(cardOf(n), true);
    refresh();
    flow.scrollTo(0, 0);
  });

  // Search.
  const find = document.getElementById("find"), hits = document.getElementById("hits");
  const texts = [...nodes.values()].map((n) => ({
    n, address: n.address.toLowerCase(),
    text: [n.display_name, n.definition, n.description, ...(n.facts || []).map((f) => f.value)].filter(Boolean).join("\n").toLowerCase(),
  }));
  function score(t, words) {
    let total = 0;
    for (const w of words) {
      const name = t.address.slice(t.address.indexOf("/") + 1);
      if (name === w || t.address === w) total += 100;
      else if (name.startsWith(w) || name.includes("." + w)) total += 30;
      else if (t.address.includes(w)) total += 10;
      else if (t.text.includes(w)) total += 1;
      else return 0;
    }
    return total;
  }
  let chosen = -1;
  function choose(i) {
    const all = [...hits.querySelectorAll("[role=option]")];
    if (!all.length) { chosen = -1; find.removeAttribute("aria-activedescendant"); return; }
    chosen = (i + all.length) % all.length;
    all.forEach((el, k) => el.setAttribute("aria-selected", k === chosen));
    all[chosen].scrollIntoView({ block: "nearest" });
    find.setAttribute("aria-activedescendant", all[chosen].id);
  }
  function showHits(on) {
    hits.hidden = !on;
    find.setAttribute("aria-expanded", on);
    if (!on) find.removeAttribute("aria-activedescendant");
  }
  function search() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    hits.replaceChildren();
    if (!words.length) { showHits(false); return; }
    const found = texts.map((t) => ({ n: t.n, score: score(t, words) })).filter((x) => x.score > 0).sort((a, b) => b.score - a.score);
    const most = 50;
    found.slice(0, most).forEach(({ n }, i) => {
      const li = add(hits, "li");
      li.id = "hit" + i;
      li.dataset.address = n.address;
      li.setAttribute("role", "option");
      add(li, "bdi", n.address);
      const where = n.display_name || n.definition || "";
      if (where) add(li, "span", where, "where");
    });
    if (!found.length) add(hits, "li", "Nothing found", "none");
    if (found.length > most) add(hits, "li", `and ${found.length - most} more`, "none");
    showHits(true);
    choose(0);
  }
  function take(address) {
    showHits(false);
    find.value = "";
    go(address);
    const el = stand(nodes.get(address));
    if (el && !narrow.matches) (el.matches("button") ? el : el.querySelector("button")).focus({ preventScroll: true });
    else find.blur();
  }
  find.addEventListener("input", search);
  find.addEventListener("focus", () => { if (find.value) search(); });
  find.addEventListener("blur", () => setTimeout(() => showHits(false), 150));
  find.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown") { choose(chosen + 1); e.preventDefault(); }
    else if (e.key === "ArrowUp") { choose(chosen - 1); e.preventDefault(); }
    else if (e.key === "Enter") { const li = hits.querySelector("[aria-selected=true]"); if (li && !hits.hidden) take(li.dataset.address); }
    else if (e.key === "Escape") { find.value = ""; showHits(false); find.blur(); e.stopPropagation(); }
  });
  hits.addEventListener("mousedown", (e) => e.preventDefault());
  hits.addEventListener("click", (e) => { const li = e.target.closest("[role=option]"); if (li) take(li.dataset.address); });

  // Keys.
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target === find) return;
    if (e.key === "/") { find.focus(); e.preventDefault(); return; }
    if (e.key === "Escape" && selected) { go(""); return; }
    const el = document.activeElement && document.activeElement.closest ? document.activeElement.closest("button.node") : null;
    if (!el || !e.key.startsWith("Arrow")) return;
    const next = e.key === "ArrowUp" || e.key === "ArrowDown" ? beside(el, e.key === "ArrowUp" ? -1 : 1) : across(el, e.key === "ArrowLeft" ? -1 : 1);
    if (next) { next.focus(); e.preventDefault(); }
  });
  const focusable = (scope) => [...scope.querySelectorAll("button.node")].filter(shown);
  function beside(el, step) {
    const all = focusable(el.closest(".layer"));
    return all[all.indexOf(el) + step];
  }
  function across(el, step) {
    const all = [...flow.querySelectorAll(".layer")].filter(shown);
    const layer = all[all.indexOf(el.closest(".layer")) + step];
    if (!layer) return null;
    const y = el.getBoundingClientRect().top;
    return focusable(layer).sort((a, b) => Math.abs(a.getBoundingClientRect().top - y) - Math.abs(b.getBoundingClientRect().top - y))[0];
  }

  let waiting = 0;
  addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(refresh); });
  narrow.addEventListener("change", refresh);
  fromLocation();
})();

// The book's script: colours, language that keeps its place, contents on a phone, search, questions, claims, steppers.
// No framework, no request but for the search's own file beside the page. Everything is readable without it.
"use strict";

// A file opened from a disk may have no storage; then nothing is remembered.
const memory = {
  get(key) { try { return localStorage.getItem("dockshala." + key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem("dockshala." + key, value); } catch { /* not remembered */ } },
};

const root = document.documentElement;
root.classList.add("js");
const dark = matchMedia("(prefers-color-scheme: dark)");
function paint() {
  const chosen = memory.get("theme");
  root.dataset.theme = chosen === "dark" || (chosen !== "light" && dark.matches) ? "dark" : "light";
}
paint();
dark.addEventListener("change", paint);

const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

document.addEventListener("DOMContentLoaded", () => {
  entrance();
  themes();
  contents();
  languages();
  search();
  all(".code pre").forEach(copyable);
  all(".claim").forEach(claim);
  all(".question").forEach(question);
  all(".stepper:not(.print)").forEach(stepper);
  terms(all("a.term"));
});

// The first page leads on to the language that was read last, or the browser's, unless somebody came back to choose.
function entrance() {
  const doors = all("[data-enter]");
  if (!doors.length || location.hash === "#choose") return;
  const wanted = [memory.get("lang"), ...(navigator.languages || [])].filter(Boolean);
  // A browser set to Hindi reads Hinglish rather than English.
  const fits = (tag) => doors.find((d) => d.dataset.enter === tag) || doors.find((d) => d.dataset.enter.split("-")[0] === tag.split("-")[0]);
  const door = wanted.map(fits).find(Boolean);
  if (door) location.replace(door.getAttribute("href"));
}

function themes() {
  const button = one("#theme");
  if (!button) return;
  const order = ["auto", "light", "dark"], signs = { auto: "◐", light: "☀", dark: "☾" };
  const show = () => {
    const now = memory.get("theme") || "auto";
    button.textContent = signs[now] || signs.auto;
    button.title = button.dataset[now];
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    memory.set("theme", order[(order.indexOf(memory.get("theme") || "auto") + 1) % order.length]);
    paint();
    show();
  });
  show();
}

function contents() {
  const button = one("#menu");
  if (!button) return;
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(root.classList.toggle("menu")));
  });
  all("#contents a").forEach((a) => a.addEventListener("click", () => root.classList.remove("menu")));
  const current = one("#contents [aria-current]");
  if (current) current.scrollIntoView({ block: "center", behavior: "instant" });
  const links = new Map(all("#contents .sections a").map((a) => [a.hash.slice(1), a]));
  const mark = () => {
    const here = place();
    links.forEach((a, id) => a.classList.toggle("here", id === here));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

// The last heading with an id that has been scrolled past.
function place() {
  const past = all("main [id]").filter((e) => /^H[1-6]$|^FORM$|^SECTION$/.test(e.tagName) && e.getBoundingClientRect().top < 130);
  return past.length ? past[past.length - 1].id : "";
}

function languages() {
  if (root.lang && one("main#main")) memory.set("lang", root.lang);
  all("a.lang").forEach((a) => {
    const to = a.getAttribute("href");
    const aim = () => { const id = place(); a.setAttribute("href", id ? to + "#" + id : to); };
    ["pointerdown", "focus", "mouseenter", "click"].forEach((event) => a.addEventListener(event, aim));
  });
}

// One spelling for many: Hinglish is written as it is heard. `nahin`, `nahi` and `nahee` are one word, so are `kyon` and
// `kyun`; Devanagari is read in Latin letters. The same is done to what is searched and to what is searched for.
const LATIN = { "अ": "a", "आ": "a", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri", "ए": "e", "ऐ": "ai", "ओ": "o", "औ": "au", "ऑ": "o", "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n", "च": "ch", "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n", "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n", "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n", "प": "p", "फ": "ph", "ब": "b", "भ": "bh", "म": "m", "य": "y", "र": "r", "ल": "l", "व": "v", "श": "sh", "ष": "sh", "स": "s", "ह": "h", "ळ": "l", "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri", "े": "e", "ै": "ai", "ो": "o", "ौ": "au", "ॉ": "o", "ं": "n", "ँ": "n", "ः": "h" };
const consonant = (c) => c >= "क" && c <= "ह";
function latin(text) {
  return text.normalize("NFD").replace(/[\u0900-\u097f]+/g, (word) => {
    const letters = [...word].filter((c) => c !== "़");
    let out = "";
    letters.forEach((c, at) => {
      if (c === "्") return;
      out += LATIN[c] || "";
      const next = letters[at + 1];
      // A consonant carries an a, unless a vowel follows, another is joined to it, or the word ends.
      if (consonant(c) && next && (consonant(next) || "ंँः".includes(next))) out += "a";
    });
    return out;
  });
}
function fold(text) {
  return latin(text).toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/ee|ii|ey/g, "i").replace(/oo|uu/g, "u").replace(/aa/g, "a").replace(/kyon/g, "kyu").replace(/kyun/g, "kyu")
    .replace(/w/g, "v").replace(/z/g, "j").replace(/ph/g, "f").replace(/([a-z])\1+/g, "$1").replace(/([aiu])n(?![a-z0-9])/g, "$1");
}

let index = null;
function load(then) {
  if (index) return then();
  const script = document.createElement("script");
  script.src = "search.js";
  script.onload = () => {
    index = window.dockshalaIndex.map(([to, title, section, text]) => ({
      to, title, section, text, head: " " + fold(title + " " + section), body: " " + fold(text).replace(/[^a-z0-9.]+/g, " "),
    }));
    then();
  };
  document.head.append(script);
}

function find(query) {
  const words = fold(query).split(/[^a-z0-9.]+/).filter(Boolean);
  if (!words.length) return [];
  const hits = [];
  for (const entry of index) {
    let score = 0;
    for (const word of words) {
      const head = entry.head.includes(" " + word) ? 12 : entry.head.includes(word) ? 5 : 0;
      const body = entry.body.includes(" " + word + " ") ? 4 : entry.body.includes(" " + word) ? 2 : 0;
      if (!head && !body) { score = 0; break; }
      score += head + body;
    }
    if (score) hits.push([score, entry]);
  }
  return hits.sort((a, b) => b[0] - a[0]).slice(0, 20).map((hit) => hit[1]);
}

// The words around the first hit. Folding changes lengths, so words are compared one by one.
function excerpt(entry, query) {
  const wanted = fold(query).split(/[^a-z0-9.]+/).filter(Boolean);
  const words = entry.text.split(" ");
  const at = Math.max(0, words.findIndex((w) => wanted.some((q) => fold(w).includes(q))));
  const piece = document.createElement("small");
  words.slice(Math.max(0, at - 5), at + 14).forEach((word) => {
    const part = document.createElement(wanted.some((q) => fold(word).includes(q)) ? "mark" : "span");
    part.textContent = word + " ";
    piece.append(part);
  });
  return piece;
}

function search() {
  const box = one("#search"), found = one("#found");
  if (!box) return;
  let at = -1;
  const show = () => {
    const query = box.value;
    found.replaceChildren();
    at = -1;
    found.hidden = !query.trim();
    if (found.hidden) return;
    const hits = find(query);
    for (const hit of hits) {
      const a = document.createElement("a"), b = document.createElement("b");
      a.href = hit.to;
      b.textContent = hit.section ? hit.section + " · " + hit.title : hit.title;
      a.append(b, excerpt(hit, query));
      a.addEventListener("click", () => { found.hidden = true; });
      found.append(a);
    }
    if (!hits.length) {
      const p = document.createElement("p");
      p.textContent = box.parentElement.dataset.none;
      found.append(p);
    }
  };
  box.addEventListener("focus", () => load(() => {}));
  box.addEventListener("input", () => load(show));
  box.addEventListener("keydown", (event) => {
    const links = all("a", found);
    if (event.key === "Escape") { found.hidden = true; box.blur(); }
    if (event.key === "Enter" && links.length) { links[Math.max(0, at)].click(); }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && links.length) {
      event.preventDefault();
      at = Math.min(links.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)));
      links.forEach((a, nth) => a.classList.toggle("at", nth === at));
      links[at].scrollIntoView({ block: "nearest" });
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); box.focus(); }
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".search")) found.hidden = true; });
}

function copyable(pre) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = pre.dataset.copy;
  button.addEventListener("click", () => {
    // From a file the clipboard may be out of reach: then the code is at least selected.
    const select = () => getSelection().selectAllChildren(pre);
    if (!navigator.clipboard) return select();
    navigator.clipboard.writeText(pre.innerText).then(() => {
      button.textContent = "✓";
      setTimeout(() => { button.textContent = pre.dataset.copy; }, 1200);
    }, select);
  });
  pre.parentElement.append(button);
}

function told(holder, right) {
  const result = one(".result", holder);
  result.textContent = right ? "✓ " + holder.dataset.right : "✗ " + holder.dataset.wrong;
  result.className = "result " + (right ? "good" : "bad");
  holder.classList.add("answered");
}

function claim(section) {
  one(".reveal", section)?.addEventListener("click", () => {
    const chosen = one("input:checked", section);
    if (chosen) told(section, chosen.parentElement.hasAttribute("data-right"));
    else section.classList.add("answered");
  });
}

const typed = (text) => text.trim().replace(/\s+/g, " ").toLowerCase();

function question(form) {
  const data = JSON.parse(form.dataset.question);
  if (data.kind === "order") shuffle(one(".order", form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const boxes = all(".options input, .lines input", form);
    if (data.kind === "choice" || data.kind === "choices") {
      if (!boxes.some((b) => b.checked)) return;
      boxes.forEach((b) => b.closest("li").classList.toggle("chosen", b.checked));
      told(form, boxes.every((b) => b.checked === b.closest("li").hasAttribute("data-right")));
    } else if (data.kind === "fill") {
      const given = typed(one("input", form).value);
      if (given) told(form, data.answers.some((a) => typed(a) === given));
    } else if (data.kind === "bug") {
      if (!boxes.some((b) => b.checked)) return;
      const right = boxes.map((_, nth) => data.lines.includes(nth + 1));
      boxes.forEach((b, nth) => b.closest("li").classList.toggle("right", right[nth]));
      // Any of the faulty lines is an answer; a line that is sound is none.
      told(form, boxes.every((b, nth) => !b.checked || right[nth]));
    } else if (data.kind === "order") {
      told(form, all(".order li", form).every((li, nth) => Number(li.dataset.place) === nth));
    } else {
      form.classList.add("answered");
    }
  });
}

function shuffle(list) {
  const items = all("li", list);
  // Turned and crossed instead of drawn: the same page looks the same, and never begins in the right order.
  const mixed = [...items.filter((_, n) => n % 2), ...items.filter((_, n) => n % 2 === 0)];
  list.append(...(items.length === 2 ? items.reverse() : mixed));
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (event.target.matches(".up") && item.previousElementSibling) item.previousElementSibling.before(item);
    if (event.target.matches(".down") && item.nextElementSibling) item.nextElementSibling.after(item);
  });
}

function stepper(figure) {
  const items = all("li", one("ol", figure)).filter((li) => li.parentElement.parentElement === figure);
  if (!items.length) return;
  let at = 0;
  const bar = document.createElement("div");
  bar.className = "steps";
  const make = (label, go) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", go);
    bar.append(button);
  };
  const count = document.createElement("span");
  const show = (nth) => {
    at = Math.min(items.length - 1, Math.max(0, nth));
    figure.classList.add("stepping");
    items.forEach((li, n) => { li.classList.toggle("now", n === at); li.classList.toggle("later", n > at); });
    count.textContent = at + 1 + " / " + items.length;
  };
  make("← " + figure.dataset.prev, () => show(at - 1));
  make(figure.dataset.next + " →", () => show(at + 1));
  make(figure.dataset.all, () => figure.classList.toggle("stepping"));
  bar.append(count);
  one("ol", figure).after(bar);
  items.forEach((li, n) => li.addEventListener("click", () => show(n)));
  figure.tabIndex = 0;
  figure.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "ArrowDown") { event.preventDefault(); show(at + 1); }
    if (event.key === "ArrowLeft" || event.key === "ArrowUp") { event.preventDefault(); show(at - 1); }
  });
  show(0);
}

// What a word means, in a small box: where it is pointed at or has the focus, and on a phone where it is tapped. There the
// first tap explains and the box leads on to the page of all words; a tap elsewhere closes it.
function terms(links) {
  if (!links.length) return;
  const box = document.createElement("div");
  box.id = "means";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  let open = null, leaving = 0;
  const close = () => {
    if (open) open.removeAttribute("aria-describedby");
    open = null;
    box.hidden = true;
  };
  const show = (link) => {
    clearTimeout(leaving);
    if (open === link) return;
    close();
    open = link;
    link.setAttribute("aria-describedby", "means");
    // Made by the program from the course's list, in which HTML is text.
    box.innerHTML = link.dataset.means;
    const more = document.createElement("a");
    more.href = link.getAttribute("href");
    more.textContent = main.dataset.terms + " →";
    box.append(document.createElement("br"), more);
    box.hidden = false;
    lay();
  };
  // Anew when the window changes: a phone is turned.
  const lay = () => {
    if (!open) return;
    box.style.left = box.style.top = "0";
    const at = open.getClientRects()[0], wide = box.offsetWidth, high = box.offsetHeight;
    const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - wide - 8));
    const below = at.bottom + 6 + high < innerHeight || at.top < high + 70;
    box.style.left = left + scrollX + "px";
    box.style.top = (below ? at.bottom + 6 : at.top - high - 6) + scrollY + "px";
  };
  const main = one("main");
  const leave = () => { leaving = setTimeout(close, 250); };
  links.forEach((link) => {
    let touched = false;
    link.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch" && open !== link; });
    link.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") show(link); });
    link.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") leave(); });
    link.addEventListener("focus", () => { if (!touched) show(link); });
    link.addEventListener("blur", leave);
    link.addEventListener("click", (event) => {
      if (!touched) return;
      event.preventDefault();
      show(link);
    });
  });
  box.addEventListener("pointerenter", () => clearTimeout(leaving));
  box.addEventListener("pointerleave", leave);
  box.addEventListener("focusin", () => clearTimeout(leaving));
  document.addEventListener("pointerdown", (event) => { if (open && !box.contains(event.target) && event.target !== open) close(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  addEventListener("resize", lay);
}

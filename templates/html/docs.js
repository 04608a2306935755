(() => {
"use strict";
// The picture: highlight what a box comes from and what is made of it, find, zoom. Without this the picture stands still and the links work.
for (const picture of document.querySelectorAll(".picture")) {
  const nodes = new Map([...picture.querySelectorAll(".node")].map((n) => [n.dataset.id, n]));
  const arrows = [...picture.querySelectorAll(".arrow")];
  const reach = (start, from, to) => {
    const found = new Set([start]);
    for (const id of found) for (const a of arrows) if (a.dataset[from] === id) found.add(a.dataset[to]);
    return found;
  };
  const show = (ids, lit) => {
    picture.classList.toggle("asked", ids !== null);
    for (const [id, node] of nodes) node.classList.toggle("on", ids !== null && ids.has(id));
    for (const a of arrows) a.classList.toggle("on", ids !== null && lit(a));
  };
  const ask = (id) => {
    const up = reach(id, "to", "from"), down = reach(id, "from", "to");
    show(new Set([...up, ...down]), (a) =>
      (up.has(a.dataset.from) && up.has(a.dataset.to)) || (down.has(a.dataset.from) && down.has(a.dataset.to)));
  };
  picture.find = (text) => {
    const found = new Set([...nodes.keys()].filter((id) => id.toLowerCase().includes(text)));
    show(text ? found : null, () => false);
    if (text && found.size) nodes.get([...found][0]).scrollIntoView({ block: "nearest", inline: "nearest" });
    return found.size;
  };
  for (const [id, node] of nodes) {
    node.addEventListener("pointerenter", () => ask(id));
    node.addEventListener("focus", () => ask(id));
    for (const leave of ["pointerleave", "blur"]) node.addEventListener(leave, () => picture.find(finder.value.trim().toLowerCase()));
  }
  const svg = picture.querySelector("svg");
  const [width, height] = ["width", "height"].map((n) => Number(svg.getAttribute(n)));
  picture.zoom = (factor) => {
    const now = svg.getBoundingClientRect().width;
    picture.classList.toggle("zoomed", factor !== 0);
    const wanted = factor === 0 ? width : Math.min(6000, Math.max(200, now * factor));
    svg.setAttribute("width", wanted);
    svg.setAttribute("height", (height * wanted) / width);
  };
}
const finder = document.getElementById("find");
const pictures = [...document.querySelectorAll(".picture")];
const visible = () => pictures.find((p) => !p.hidden);
const count = document.getElementById("found");
const look = () => {
  const text = finder.value.trim().toLowerCase();
  const number = visible()?.find(text);
  count.textContent = text ? `${number} found` : "";
};
finder.addEventListener("input", look);
for (const [id, factor] of [["bigger", 1.3], ["smaller", 1 / 1.3], ["fit", 0]])
  document.getElementById(id).addEventListener("click", () => visible()?.zoom(factor));
document.getElementById("everything")?.addEventListener("click", (event) => {
  const all = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(all));
  for (const p of pictures) p.hidden = (p.id === "picture-all") !== all;
  look();
});

// The tables: filter rows by name and by what they are made from.
const columns = [...document.querySelectorAll("tr[data-basis]")];
const columnFinder = document.getElementById("find-column"), basis = document.getElementById("basis"), shown = document.getElementById("shown");
const filter = () => {
  const text = columnFinder.value.trim().toLowerCase(), wanted = basis.value, asked = text || wanted;
  let number = 0;
  for (const row of columns) {
    row.hidden = !(row.dataset.text.toLowerCase().includes(text) && (!wanted || row.dataset.basis.split(" ").includes(wanted)));
    number += row.hidden ? 0 : 1;
  }
  for (const table of document.querySelectorAll("details.table")) {
    const any = table.querySelector("tr[data-basis]:not([hidden])");
    table.hidden = !any;
    if (asked && any && number <= 200) table.open = true;
  }
  shown.textContent = asked ? `${number} of ${columns.length} columns` : "";
};
columnFinder.addEventListener("input", filter);
basis.addEventListener("change", filter);
for (const link of document.querySelectorAll("a[data-show]"))
  link.addEventListener("click", () => { columnFinder.value = ""; basis.value = link.dataset.show; filter(); });

// A link into something folded opens it; paper shows everything.
const unfold = () => {
  let inside = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (inside?.hidden) { columnFinder.value = ""; basis.value = ""; filter(); }
  for (let at = inside; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  inside?.scrollIntoView();
};
addEventListener("hashchange", unfold);
if (location.hash) unfold();
addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });
})();

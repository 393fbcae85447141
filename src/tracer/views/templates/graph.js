"use strict";
// Every value reaches the page through textContent or as a canvas label, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const say = data.say;
const panel = document.getElementById("panel");
const search = document.getElementById("search");
const found = document.getElementById("found");
const canvas = document.getElementById("canvas");
const font = getComputedStyle(document.body).fontFamily;

const network = new vis.Network(
  canvas,
  { nodes: new vis.DataSet(data.nodes), edges: new vis.DataSet(data.edges) },
  {
    physics: false,
    layout: { improvedLayout: false },
    interaction: { hover: true, tooltipDelay: 250, hideEdgesOnDrag: data.edges.length > 800 },
    nodes: {
      font: { face: font, size: 16, color: "#0f172a" },
      margin: { top: 5, bottom: 5, left: 8, right: 8 },
      labelHighlightBold: false,
      chosen: true,
    },
    edges: {
      arrows: { to: { enabled: true, scaleFactor: 0.55 } },
      arrowStrikethrough: false,
      font: { face: font, size: 14, color: "#1e293b", strokeWidth: 4, strokeColor: "#ffffff" },
      scaling: { label: { drawThreshold: 8 } },
      labelHighlightBold: false,
    },
  },
);

function add(parent, tag, content, className) {
  const element = document.createElement(tag);
  if (content !== undefined) element.textContent = content;
  if (className) element.className = className;
  parent.appendChild(element);
  return element;
}

function row(parent, label, amount, below, alarm, act) {
  const button = add(parent, "button", undefined, "row");
  button.type = "button";
  add(button, "span", label);
  add(button, "b", amount);
  if (below) add(button, "small", below, alarm ? "alarm" : "");
  button.addEventListener("click", act);
}

function table(facts) {
  const list = add(panel, "dl");
  for (const [label, value] of facts) {
    add(list, "dt", label);
    add(list, "dd", value);
  }
}

function clear(title) {
  panel.replaceChildren();
  panel.scrollTop = 0;
  if (title === undefined) return;
  add(panel, "button", "‹ " + say.to_list).addEventListener("click", () => {
    network.unselectAll();
    showList();
  });
  add(panel, "h2", title);
}

function showList() {
  clear();
  add(panel, "h2", say.act_here);
  add(panel, "p", data.first.length ? say.act_hint : say.act_none);
  for (const one of data.first) {
    const account = data.accounts[one.account];
    const below = one.account + (one.frontier ? " · " + say.frontier : "");
    row(panel, account.name, one.held, below, one.frontier, () => go(one.account));
  }
}

function showAccount(id) {
  const account = data.accounts[id];
  clear(account.name);
  table(account.facts);
  relations(say.incoming, account.in, "from");
  relations(say.outgoing, account.out, "to");
}

function relations(title, keys, end) {
  if (!keys.length) return;
  add(panel, "h3", title + " (" + keys.length + ")");
  for (const key of keys) {
    const line = data.transfers[key];
    row(panel, line[end], line.amount, line.when, false, () => {
      network.selectEdges([key]);
      showTransfer(key);
    });
  }
}

function showTransfer(key) {
  const line = data.transfers[key];
  clear(line.name);
  if (line.note) add(panel, "p", line.note);
  line.facts.forEach((facts, place) => {
    if (line.facts.length > 1) add(panel, "h3", say.transfer + " " + (place + 1));
    table(facts);
  });
}

function go(id) {
  network.selectNodes([id]);
  network.focus(id, { scale: Math.max(network.getScale(), 0.9), animation: { duration: 250 } });
  showAccount(id);
}

network.on("click", (event) => {
  if (event.nodes.length) showAccount(event.nodes[0]);
  else if (event.edges.length) showTransfer(event.edges[0]);
  else showList();
});

let hits = [];
let hit = -1;
let asked = "";
function find() {
  const query = search.value.trim().toLowerCase();
  if (query !== asked) {
    asked = query;
    hit = -1;
    const dense = query.replace(/\s+/g, "");
    hits = Object.keys(data.accounts).filter((id) => {
      const where = data.accounts[id].find;
      return query && (where.includes(query) || where.includes(dense));
    });
  }
  found.textContent = "";
  if (!query) return;
  if (!hits.length) {
    found.textContent = say.found_none;
    return;
  }
  hit = (hit + 1) % hits.length;
  found.textContent = say.found.replace("{0}", hit + 1).replace("{1}", hits.length);
  go(hits[hit]);
}
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") find();
});

// The columns' names stay at the top, above their column, wherever the picture is moved.
const strip = document.getElementById("columns");
for (const column of data.columns) add(strip, "span", column.label);
network.on("afterDrawing", () => {
  data.columns.forEach((column, place) => {
    strip.children[place].style.left = network.canvasToDOM({ x: column.x, y: 0 }).x + "px";
  });
});
network.on("beforeDrawing", (context) => {
  const top = network.DOMtoCanvas({ x: 0, y: 0 }).y;
  const bottom = network.DOMtoCanvas({ x: 0, y: canvas.clientHeight }).y;
  context.fillStyle = "#f8fafc";
  data.columns.forEach((column, place) => {
    if (place % 2 === 0) return;
    context.fillRect(column.x - column.width / 2 - 145, top, column.width + 290, bottom - top);
  });
});

function zoom(factor) {
  network.moveTo({ scale: network.getScale() * factor, animation: { duration: 150 } });
}
function whole() {
  network.fit({ minZoomLevel: 0.02, maxZoomLevel: 1.2 });
}
document.getElementById("fit").addEventListener("click", whole);
document.getElementById("nearer").addEventListener("click", () => zoom(1.35));
document.getElementById("farther").addEventListener("click", () => zoom(1 / 1.35));

// A large picture opens at its left edge, large enough to read; the button shows the whole.
function open() {
  whole();
  if (network.getScale() >= 0.35) return;
  const left = data.columns[0].x - data.columns[0].width / 2;
  network.moveTo({ scale: 0.5, position: { x: left - 150 + canvas.clientWidth, y: 0 } });
}
open();
// A frame in a notebook gets its size late; until somebody moves the picture, it follows.
let untouched = true;
for (const gesture of ["click", "zoom", "dragStart"]) network.on(gesture, () => { untouched = false; });
network.on("resize", () => { if (untouched) open(); });
showList();

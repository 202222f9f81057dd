// The owner's page: views over what the data layer (api.js) brings. Text from outside is only ever set as text.
import { api, listen } from "./api.js";
import { count, duration, plural, rate, size } from "./words.js";

const state = { shares: new Map(), transfers: new Map(), hosts: new Map(), status: null, rates: new Map(), isLoaded: false };
const views = ["transfers", "shares", "hosts", "roles", "settings", "doctor"];
const rateLength = 120;
const byId = (id) => document.getElementById(id);

// An element with attributes and children; strings become text.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function draw(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// What is told as an event may also be the answer to what was asked for: it is shown once.
function notice(message) {
  for (const shown of [...byId("notices").children]) if (shown.textContent === message) shown.remove();
  const element = make("p", {}, message);
  byId("notices").append(element);
  window.setTimeout(() => element.remove(), 8000);
}

// Runs what a button asks for, with the button off meanwhile.
function action(label, work, style = "quiet small", name = label) {
  const button = make("button", { type: "button", class: style, "aria-label": name }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      notice(error.message);
    }
    button.disabled = false;
  });
  return button;
}

// What is not known yet is not said to be nothing.
const loading = "Loading\u2026";

function fill(id, children, empty) {
  byId(id).replaceChildren(...(children.length ? children : [make("p", { class: "empty" }, empty)]));
}

const fillList = (id, children, empty) => fill(id, children, state.isLoaded ? empty : loading);

// While the keyboard is on a button of a list, the list is not drawn anew under it.
const isInUse = (id) => byId(id).contains(document.activeElement) && document.activeElement.matches(":focus-visible");

/* Transfers */

// The rates of the last two minutes over a base line, and in words, so that nothing is seen to be nothing.
function chart(values) {
  const most = Math.max(...values.flatMap((value) => [value.down, value.up]));
  const line = (key) => values.map((value, index) => {
    const x = ((rateLength - values.length + index) / (rateLength - 1)) * 100;
    return (index ? "L" : "M") + x.toFixed(2) + " " + (29 - (value[key] / most) * 28).toFixed(2);
  }).join("");
  const base = draw("line", { class: "base", x1: 0, x2: 100, y1: 29.5, y2: 29.5 });
  const lines = most > 0 ? ["up", "down"].map((key) => draw("path", { class: key, d: line(key) })) : [];
  return make("figure", { class: "chart" },
    draw("svg", { class: most > 0 ? "spark" : "spark idle", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
      base, ...lines),
    make("figcaption", { class: "note" },
      (most > 0 ? "At most " + rate(most) : "Nothing moved") + " in the last " + duration(values.length)));
}

function transferCard(item) {
  const isPaused = item.state === "paused";
  // Of what is here there is nothing to stop but that it is served to others.
  const isDone = ["complete", "partial"].includes(item.state) && !item.isFollowed;
  const pause = isDone ? "Pause serving" : "Pause";
  const isHere = isPaused && item.size > 0 && item.done === item.size;
  const part = item.size ? item.done / item.size : 0;
  return make("article", { class: "card" },
    make("div", { class: "row" }, make("h2", {}, item.name || item.id), make("span", { class: "tag" },
      item.state === "partial" ? "partly here" : isHere ? "paused, not served" : item.state)),
    item.folder ? make("p", { class: "note" }, (item.from ? "From " + item.from + ", in " : "In ") + item.folder) : null,
    make("progress", { max: 1, value: part, "aria-label": item.name + ": " + Math.floor(part * 100) + " %" }),
    make("div", { class: "row" },
      make("p", { class: "note" }, size(item.done) + " of " + size(item.size) + ", " + plural(item.peers, "peer", "peers") +
        (item.webSeeds > 0 ? ", " + plural(item.webSeeds, "web server", "web servers") : "")),
      make("p", { class: "note" }, make("span", { class: "ask-text" }, "\u2193 " + rate(item.down)), "  ",
        make("span", { class: "serve-text" }, "\u2191 " + rate(item.up)))),
    item.error ? make("p", { class: "level-error" }, item.error) : null,
    state.rates.has(item.id) ? chart(state.rates.get(item.id)) : null,
    item.isOwn ? null : make("div", { class: "buttons" },
      isPaused ? action("Resume", () => api.resume(item.id), "quiet small", "Resume " + item.name)
        : action(pause, () => api.pause(item.id), "quiet small", pause + " " + item.name),
      action("Remove", async () => {
        await api.removeTransfer(item.id);
        state.transfers.delete(item.id);
        show.transfers();
      }, "quiet small", "Remove " + item.name)));
}

/* Shares */

function shareCard(item) {
  return make("article", { class: "card" },
    make("div", { class: "row" }, make("h2", {}, item.name),
      make("span", { class: "tag" }, item.isInbox ? "inbox" : item.scope)),
    item.state === "offered" && !item.message ? null : make("p", { class: "note" }, item.message || item.state),
    make("p", { class: "note" }, [item.path, plural(item.files, "file", "files"), size(item.size)].filter(Boolean).join(", ")),
    make("div", { class: "buttons" },
      item.link ? action("Copy link", async () => {
        await navigator.clipboard.writeText(item.link);
        notice("The link of " + item.name + " is copied.");
      }, "quiet small", "Copy the link of " + item.name) : null,
      action("Stop sharing", async () => {
        await api.removeShare(item.id);
        state.shares.delete(item.id);
        show.shares();
      }, "quiet small", "Stop sharing " + item.name)));
}

/* Hosts */

const fetchNamed = (...parts) => async () => {
  await api.addTransfer(api.nameOf(...parts));
  notice("Fetching " + (parts[2] || parts[1]) + " from " + parts[0] + ".");
};

function entryList(hostName, shareName, path) {
  const element = make("ul", { class: "plain" }, make("li", {}, "Looking\u2026"));
  api.entries(hostName, shareName, path).then((entries) => {
    const back = path ? [make("li", {}, action("\u2190 Back", async () => {
      element.replaceWith(entryList(hostName, shareName, path.split("/").slice(0, -1).join("/")));
    }))] : [];
    element.replaceChildren(...back, ...entries.map((entry) => {
      const below = path ? path + "/" + entry.name : entry.name;
      const name = entry.isFolder ? action(entry.name + "/", async () => {
        element.replaceWith(entryList(hostName, shareName, below));
      }) : make("span", {}, entry.name + " ", make("small", {}, size(entry.size)));
      return make("li", {}, name, action("Fetch", fetchNamed(hostName, shareName, below), "quiet small", "Fetch " + entry.name));
    }));
    if (!entries.length) element.append(make("li", {}, "Empty."));
  }).catch((error) => element.replaceChildren(make("li", {}, error.message)));
  return element;
}

function hostCard(item) {
  const offers = item.shares.map((offer) => {
    const place = make("div");
    return make("li", {},
      make("div", {}, make("span", {}, offer.name), place),
      make("div", { class: "buttons" },
        action("Look", async () => place.replaceChildren(...(place.childNodes.length ? [] : [entryList(item.name, offer.name, "")])),
          "quiet small", "Look into " + offer.name),
        action("Fetch", fetchNamed(item.name, offer.name), "small", "Fetch " + offer.name + " from " + item.name)));
  });
  return make("article", { class: "card" },
    make("div", { class: "row" }, make("h2", {}, item.name),
      make("span", {}, ...item.roles.map((role) => make("span", { class: "tag" }, role)))),
    offers.length ? make("ul", { class: "plain" }, ...offers) : make("p", { class: "note" }, item.message ? "Not known: " + item.message + "." : "Offers nothing at the moment."));
}

/* Roles */

function side({ rate: total, partners: items }, kind) {
  const most = Math.max(1, ...items.map((item) => item.rate));
  const byProtocol = new Map();
  for (const item of items) byProtocol.set(item.protocol, (byProtocol.get(item.protocol) || 0) + item.rate);
  const bar = (value) => draw("svg", { class: "bar " + kind, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("line", { class: "ground", x1: 0, x2: 100, y1: 3, y2: 3 }),
    draw("line", { x1: 0, x2: Math.max(0.01, (value / most) * 100), y1: 3, y2: 3 }));
  return [
    make("p", { class: "total" }, rate(total)),
    make("p", { class: "note" }, !state.status ? loading : total > 0
      ? [...byProtocol].map(([name, value]) => name + " " + rate(value)).join(", ") : "Nothing at the moment."),
    make("ul", {}, ...[...items].sort((left, right) => right.rate - left.rate).map((item) => make("li", {},
      make("div", { class: "row" }, make("span", {}, item.partner + " ", make("small", {}, item.protocol)),
        make("span", { class: "note" }, rate(item.rate) + ", " + size(item.bytes))),
      bar(item.rate)))),
  ];
}

// A number of the table of metrics in words, with its unit; its name, by which monitoring knows it, beside.
function figure(item) {
  const values = { seconds: duration, bytes: size, "bytes per second": rate, name: () => item.labels.join(" ") };
  const labels = item.unit === "name" ? [] : item.labels;
  return [make("dt", {}, [item.title, ...labels].join(", ") + " ", make("small", {}, item.name)),
    make("dd", {}, (values[item.unit] || count)(item.value))];
}

/* Settings */

const origins = { default: "not set", file: "from the settings file", environment: "from the environment", flag: "from the command line" };

function settingRow(item) {
  return make("tr", {},
    make("th", { scope: "row" }, item.name, make("small", {}, item.text)),
    make("td", {}, make("code", {}, item.value || "none"), make("small", {}, origins[item.origin] || item.origin)),
    make("td", {}, make("code", {}, "--" + item.name), make("code", {}, item.variable)));
}

function settingsView({ file, now, items }) {
  const fact = ([title, value]) => [make("dt", {}, title), make("dd", {}, value)];
  const facts = make("dl", { class: "facts now" }, ...now.flatMap(fact));
  if (!items.length) return [facts];
  const example = items.find((item) => item.name === "name") || items[0];
  return [
    make("p", {}, "To change one, write a line such as ", make("code", {}, example.name + " = " + example.value),
      " into the settings file ", make("code", {}, file), ", which need not be there yet, and start ", make("code", {}, "duplex up"),
      " again, or have it read the file again with the signal SIGHUP. An environment variable goes before the file, and an option of ",
      make("code", {}, "duplex up"), " before both. Other addresses, and other limits of the pages, are used after a restart only."),
    make("table", { class: "list settings" }, make("thead", {}, make("tr", {},
      make("th", { scope: "col" }, "Setting"), make("th", { scope: "col" }, "Value"),
      make("th", { scope: "col" }, "Option, variable"))),
    make("tbody", {}, ...items.map(settingRow))),
    make("h2", {}, "At the moment"), facts];
}

/* Which view is shown, and what it shows */

const show = {
  transfers: () => isInUse("transfer-list") || fillList("transfer-list", [...state.transfers.values()].map(transferCard),
    "Nothing is being fetched. Paste a link above, or look at what other hosts offer."),
  shares: () => isInUse("share-list") || fillList("share-list", [...state.shares.values()].map(shareCard), "You share nothing yet."),
  hosts: () => byId("host-list").querySelector("ul ul") || fillList("host-list", [...state.hosts.values()].map(hostCard),
    "No other host has been found. Is one running on this network?"),
  roles: () => {
    const none = { rate: 0, partners: [] };
    byId("client-side").replaceChildren(...side(state.status?.client || none, "ask"));
    byId("server-side").replaceChildren(...side(state.status?.server || none, "serve"));
    byId("figure-list").replaceChildren(...(state.status?.figures || []).flatMap(figure));
  },
  settings: async () => {
    if (!byId("setting-list").childNodes.length) fill("setting-list", [], loading);
    byId("setting-list").replaceChildren(...settingsView(await api.settings()));
  },
  doctor: async () => {
    byId("finding-list").replaceChildren(make("p", { class: "empty" }, "Looking\u2026 this takes some seconds."));
    fill("finding-list", (await api.findings()).map((item) => make("article", { class: "card" },
      make("div", { class: "row" }, make("h2", {}, item.title), make("span", { class: "tag level-" + item.level }, item.level)),
      make("p", { class: "note" }, item.text), item.advice ? make("p", {}, item.advice) : null)), "The doctor found nothing.");
  },
};

function open() {
  const wanted = window.location.hash.slice(1);
  const view = views.includes(wanted) ? wanted : views[0];
  for (const name of views) byId(name).hidden = name !== view;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === "#" + view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  Promise.resolve(show[view]()).catch((error) => notice(error.message));
}

/* What comes in */

// What events tell while the lists are on their way is newer than the lists: for each load, what it must leave alone.
const loads = new Set();

function heard(kind, id) {
  for (const told of loads) told.add(kind + " " + id);
}

function take(kind, item, isGone) {
  if (kind === "notice") return notice(item.message);
  if (kind === "status") {
    state.status = item;
    for (const transfer of item.transfers) {
      note(transfer);
      heard("transfer", transfer.id);
      // Once a second, so that the curve has a point for each.
      const rates = state.rates.get(transfer.id) || [];
      rates.push({ down: transfer.down, up: transfer.up });
      state.rates.set(transfer.id, rates.slice(-rateLength));
      state.transfers.set(transfer.id, transfer);
    }
    show.transfers();
    return show.roles();
  }
  heard(kind, item.id);
  const map = state[kind + "s"];
  if (kind === "transfer" && !isGone) note(item);
  if (isGone) map.delete(item.id);
  else map.set(item.id, item);
  show[kind + "s"]();
}

function note(item) {
  const earlier = state.transfers.get(item.id);
  // What was only begun again, or looked at, was complete before.
  const wasFetched = ["metadata", "fetching"].includes(earlier?.state) || (earlier?.state === "checking" && earlier.down > 0);
  if (wasFetched && !item.isOwn && item.state === "complete") ended(item);
}

function ended(item) {
  notice(item.name + " is complete.");
  if (window.Notification?.permission === "granted") new Notification("Duplex", { body: item.name + " is complete." });
}

async function load() {
  const told = new Set();
  loads.add(told);
  const [shares, transfers, hosts, status] = await Promise.all([api.shares(), api.transfers(), api.hosts(), api.status()])
    .finally(() => loads.delete(told));
  for (const [kind, items] of [["share", shares], ["transfer", transfers], ["host", hosts]]) {
    const map = state[kind + "s"];
    const isOld = (id) => !told.has(kind + " " + id);
    for (const id of [...map.keys()].filter(isOld)) map.delete(id);
    for (const item of items.filter((item) => isOld(item.id))) map.set(item.id, item);
  }
  state.status = status;
  state.isLoaded = true;
  if (status.name) byId("brand").textContent = status.name;
  for (const name of ["transfers", "shares", "hosts", "roles"]) show[name]();
}

function form(id, work) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try {
      await work(new FormData(event.target));
      event.target.reset();
      await load();
    } catch (error) {
      notice(error.message);
    }
    button.disabled = false;
  });
}

form("add-share", (data) => api.addShare(data.get("path"), data.get("scope")));
form("add-transfer", (data) => api.addTransfer(data.get("link")));
form("add-host", (data) => api.addHost(data.get("address")));
if (window.Notification?.permission === "default") {
  byId("add-transfer").addEventListener("submit", () => Notification.requestPermission(), { once: true });
}

window.addEventListener("hashchange", open);
// The token is in a cookie by now; it has no business in the history or in a link somebody copies.
if (window.location.search) window.history.replaceState(null, "", window.location.pathname + window.location.hash);
open();
load().catch((error) => notice(error.message));
listen(take, (isOn) => {
  const live = byId("live");
  // What happened while there was no connection was missed.
  if (isOn && live.classList.contains("off")) load().catch((error) => notice(error.message));
  live.classList.toggle("on", isOn);
  live.classList.toggle("off", !isOn);
  live.textContent = isOn ? "live" : "not connected";
});

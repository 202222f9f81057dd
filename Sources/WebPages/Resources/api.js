// The data layer of the owner's page: every address and every field name of the control API is in this file alone.
// What the page works with are the plain objects that the functions below return.

async function call(method, path, body) {
  const options = { method, headers: { Accept: "application/json" }, credentials: "same-origin" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch("/api/" + path, options);
  } catch {
    throw new Error("The host does not answer. Is it running?");
  }
  const isJSON = (response.headers.get("Content-Type") || "").includes("json");
  const value = isJSON ? await response.json().catch(() => null) : null;
  if (!response.ok) throw new Error((value && (value.error || value.message)) || "The host refused (" + response.status + ")");
  return value;
}

const number = (value) => (Number.isFinite(value) ? value : 0);
const text = (value) => (value === undefined || value === null ? "" : String(value));
const rows = (value) => (Array.isArray(value?.rows) ? value.rows : []);
const segment = encodeURIComponent;

export function share(json) {
  return {
    id: text(json.name), name: text(json.name), path: text(json.path), scope: text(json.scope || "link"),
    size: number(json.bytes), files: number(json.files), link: text(json.magnet),
    state: text(json.state), message: text(json.message), isInbox: json.inbox === true,
  };
}

export function transfer(json) {
  return {
    id: text(json.id), name: text(json.name || json.share), state: text(json.phase), isOwn: json.kind === "share", isFollowed: json.follow === true,
    size: number(json.total), done: number(json.done), down: number(json.down), up: number(json.up),
    peers: number(json.peers), webSeeds: number(json.webSeeds), error: text(json.message),
    from: text(json.host), folder: text(json.directory),
  };
}

export function host(json) {
  return {
    id: text(json.name), name: text(json.name), roles: (json.roles || []).map(text), message: text(json.message),
    shares: (json.shares || []).map((name) => ({ name: text(name) })),
  };
}

// What went to and from each partner so far, and how fast it went then.
let before = null;

// What tells a figure from others of its metric, in words.
const figureLabel = (name, value) => (name === "role" ? "as a " + value : name === "code" ? "status " + value : value);

// What this host asks for as a client, and provides as a server.
export function status(json) {
  const sums = { client: new Map(), server: new Map() };
  const add = (role, address, protocol, count, measured) => {
    const [partner, key] = [text(address), protocol + " " + text(address)];
    const bytes = number(count) + (sums[role].get(key)?.bytes || 0);
    if (bytes > 0) sums[role].set(key, { partner, protocol, bytes, measured });
  };
  for (const { address, protocol, downloaded, uploaded } of (json.transfers || []).flatMap((item) => item.partners || [])) {
    add("client", address, protocol === "http" ? "HTTP" : "BitTorrent", downloaded);
    add("server", address, protocol === "http" ? "HTTP" : "BitTorrent", uploaded);
  }
  for (const { address, downloaded, down } of json.downloads?.partners || []) {
    add("client", address, "HTTP", downloaded, number(down));
  }
  // Visitors of the pages are served, whether they fetch or bring something.
  for (const { address, downloaded, uploaded, down, up } of json.web?.partners || []) {
    add("server", address, "HTTP", uploaded, number(up));
    add("server", address, "HTTP upload", downloaded, number(down));
  }
  const now = { bytes: new Map(), rates: new Map() };
  // The host measures how fast it goes in all, as everywhere else, and by HTTP with each; of the rest each partner has the
  // part that it has of the bytes since the last look.
  const side = (role) => {
    const rate = number(json.figures?.find((item) => item.name === "duplex_payload_bytes_per_second" &&
      item.labels.some((label) => label.value === role))?.value);
    const measured = [...sums[role].values()].reduce((sum, item) => sum + number(item.measured), 0);
    const parts = new Map();
    for (const [key, item] of sums[role]) {
      now.bytes.set(role + key, item.bytes);
      if (item.measured === undefined) parts.set(key, before ? Math.max(0, item.bytes - number(before.bytes.get(role + key))) : 0);
    }
    const sum = () => [...parts.values()].reduce((left, right) => left + right, 0);
    // Nothing since then: what comes in bursts goes on as it was.
    if (!sum()) for (const key of parts.keys()) parts.set(key, number(before?.rates.get(role + key)));
    const whole = sum();
    const partners = [...sums[role]].map(([key, item]) => {
      const own = item.measured ?? (whole ? (Math.max(0, rate - measured) * parts.get(key)) / whole : 0);
      now.rates.set(role + key, own);
      return { partner: item.partner, protocol: item.protocol, bytes: item.bytes, rate: own };
    });
    return { rate, partners };
  };
  const value = {
    name: text(json.name), client: side("client"), server: side("server"),
    transfers: (json.transfers || []).map(transfer),
    figures: (json.figures || []).map((item) => ({
      name: text(item.name), title: text(item.title || item.name), unit: text(item.unit), value: number(item.value),
      labels: (item.labels || []).map((label) => figureLabel(text(label.name), text(label.value))),
    })),
  };
  before = now;
  return value;
}

// A magnet link, or what another host offers, by name.
async function order(link) {
  const { downloads } = await call("GET", "settings");
  if (link.startsWith("magnet:")) return { magnet: link, to: downloads };
  const [host, share, ...path] = link.split("/").filter(Boolean);
  if (!share || /^[a-z]+:/i.test(link)) throw new Error("Give a magnet link, or HOST/SHARE.");
  return path.length ? { host, share, path: path.join("/"), to: downloads } : { host, share, to: downloads };
}

export const api = {
  shares: async () => rows(await call("GET", "shares")).map(share),
  // `whom` is a scope, or "inbox" for everybody who may add files too.
  addShare: (path, whom) => call("POST", "shares", whom === "inbox" ? { path, inbox: true } : { path, scope: whom }),
  removeShare: (id) => call("DELETE", "shares/" + segment(id)),
  transfers: async () => rows(await call("GET", "transfers")).map(transfer),
  addTransfer: async (link) => call("POST", "transfers", await order(link.trim())),
  pause: (id) => call("POST", "transfers/" + segment(id) + "/pause"),
  resume: (id) => call("POST", "transfers/" + segment(id) + "/resume"),
  removeTransfer: (id) => call("DELETE", "transfers/" + segment(id)),
  hosts: async () => rows(await call("GET", "hosts")).map(host),
  addHost: (address) => call("POST", "hosts", { address }),
  entries: async (name, share, path) => {
    const query = "?share=" + segment(share) + "&path=" + segment(path);
    return rows(await call("GET", "hosts/" + segment(name) + "/entries" + query)).map((item) => ({
      name: text(item.name), isFolder: item.kind === "folder", size: number(item.bytes),
    }));
  },
  // The name by which `duplex get` fetches something from another host.
  nameOf: (hostName, shareName, path) => [hostName, shareName, path].filter(Boolean).join("/"),
  status: async () => status(await call("GET", "status")),
  // `items` are the settings and where each comes from, `now` what they have led to.
  settings: async () => {
    const json = await call("GET", "settings");
    return {
      file: text(json.file),
      now: [["Pages for browsers", (json.web || []).map(text).join(", ") || "none"],
        ["The owner's page", text(json.owner) || "none"], ["What is fetched here goes to", text(json.downloads)]],
      items: (json.settings || []).map((item) => ({
        name: text(item.name), value: text(item.value), origin: text(item.origin), text: text(item.explanation),
        variable: text(item.variable),
      })),
    };
  },
  findings: async () => rows(await call("GET", "doctor")).map((item) => ({
    level: text(item.severity), title: text(item.title), text: text(item.explanation), advice: text(item.remedy),
  })),
};

// Calls back for each event: one of the kinds below with its object, `isGone` when it says that something is no more.
export function listen(onEvent, onState) {
  const gone = (kind, key) => [kind, (json) => ({ id: text(json[key]) }), true];
  const kinds = {
    share: ["share", share, false], transfer: ["transfer", transfer, false], host: ["host", host, false],
    status: ["status", status, false], shareRemoved: gone("share", "name"), transferRemoved: gone("transfer", "id"),
    hostGone: gone("host", "name"), notice: ["notice", (json) => ({ message: text(json.message) }), false],
  };
  const source = new EventSource("/api/events");
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
  for (const [name, [kind, read, isGone]] of Object.entries(kinds)) {
    source.addEventListener(name, (event) => {
      let json;
      try {
        json = JSON.parse(event.data);
      } catch {
        return;
      }
      onEvent(kind, read(json), isGone);
    });
  }
  return source;
}

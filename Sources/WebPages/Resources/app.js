// Uploads that show how far they are and go on after a lost connection (tus 1.0.0), and files and folders dropped on
// the page. Without this script the form works as any form does.
"use strict";

(() => {
  const form = document.getElementById("upload-form");
  if (!form) return;
  const area = form.closest(".upload");
  const input = document.getElementById("files");
  const list = document.getElementById("upload-list");
  const state = document.getElementById("upload-state");
  const waiting = [];
  // Seconds to wait before it is tried again; then it is up to the user.
  const pauses = [1, 2, 4, 8, 15, 30, 30, 30, 30, 30];
  // Milliseconds without anything moving, after which a connection is given up.
  const patience = 20000;
  let current = null;
  let sent = 0;
  let failed = 0;

  document.getElementById("upload-hint").hidden = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
    form.reset();
  });

  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      area.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) area.classList.remove("over");
  });
  document.addEventListener("drop", async (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    area.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    const files = [...event.dataTransfer.files];
    if (!entries.some((entry) => entry && entry.isDirectory)) {
      return add(files.map((file) => ({ file, path: file.name })));
    }
    const found = [];
    for (const entry of entries) if (entry) await walk(entry, found);
    add(found);
  });
  window.addEventListener("beforeunload", (event) => {
    if (current) event.preventDefault();
  });

  // All files in a folder that was dropped, with their paths.
  async function walk(entry, found) {
    if (entry.isFile) {
      const file = await new Promise((done) => entry.file(done, () => done(null)));
      if (file) found.push({ file, path: entry.fullPath.replace(/^\//, "") });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const entries = await new Promise((done) => reader.readEntries(done, () => done([])));
      if (!entries.length) return;
      for (const inner of entries) await walk(inner, found);
    }
  }

  function add(files) {
    for (const { file, path } of files) {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const note = document.createElement("span");
      const bar = document.createElement("progress");
      const button = document.createElement("button");
      name.textContent = path;
      note.className = "note";
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", path);
      button.type = "button";
      button.className = "quiet small";
      row.append(name, note, bar, button);
      list.append(row);
      const item = { file, path, row, note, bar, button, url: remembered(file, path), tries: 0 };
      button.addEventListener("click", () => item.press());
      wait(item);
    }
    next();
  }

  function wait(item) {
    item.note.textContent = "waiting";
    offer(item, "Cancel", () => cancel(item));
    waiting.push(item);
  }

  function offer(item, word, press) {
    item.press = press;
    item.button.textContent = word;
    item.button.setAttribute("aria-label", word + " " + item.path);
    item.button.hidden = false;
  }

  // One after the other: together they would not be faster, and each would be complete later.
  function next() {
    if (current) return;
    current = waiting.shift();
    if (!current) return finish();
    if (current.url) ask(current);
    else create(current);
  }

  function request(item, method, url, fields, body, then) {
    const request = new XMLHttpRequest();
    item.request = request;
    request.open(method, url);
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    for (const [name, value] of Object.entries(fields)) request.setRequestHeader(name, value);
    // A connection that is gone need not say so: where nothing moves, it is asked anew.
    let timer = window.setTimeout(() => request.abort(), patience);
    if (body) {
      const from = Number(fields["Upload-Offset"]);
      request.upload.addEventListener("progress", (event) => {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => request.abort(), patience);
        show(item, from + event.loaded);
      });
    }
    request.addEventListener("loadend", () => {
      window.clearTimeout(timer);
      if (item.request !== request) return;
      item.request = null;
      if (request.status >= 200 && request.status < 300) {
        then(request);
      } else if ([0, 408, 409, 423, 429].includes(request.status) || request.status >= 500 && request.status !== 507) {
        again(item, request);
      } else if (request.status === 404 && url === item.url) {
        // It was given up here, or belongs to a host that is another one now: from the beginning.
        forget(item);
        item.url = null;
        create(item);
      } else {
        fail(item, reason(request));
      }
    });
    request.send(body || null);
  }

  function create(item) {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(item.path)));
    const fields = { "Upload-Length": String(item.file.size), "Upload-Metadata": "relativePath " + name };
    item.note.textContent = "beginning";
    request(item, "POST", form.action, fields, null, (answer) => {
      item.url = answer.getResponseHeader("Location");
      if (item.file.size === 0) return succeed(item, answer);
      remember(item);
      send(item, 0);
    });
  }

  // How much is there already.
  function ask(item) {
    request(item, "HEAD", item.url, {}, null, (answer) => {
      const offset = Number(answer.getResponseHeader("Upload-Offset"));
      if (offset >= item.file.size) return succeed(item, answer);
      send(item, offset);
    });
  }

  function send(item, offset) {
    show(item, offset);
    const fields = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    request(item, "PATCH", item.url, fields, item.file.slice(offset), (answer) => {
      if (Number(answer.getResponseHeader("Upload-Offset")) >= item.file.size) return succeed(item, answer);
      ask(item);
    });
  }

  function show(item, bytes) {
    const part = item.file.size ? bytes / item.file.size : 1;
    if (part > item.bar.value) item.tries = 0;
    item.bar.value = part;
    item.note.textContent = Math.floor(100 * part) + " %";
  }

  function again(item, request) {
    if (item.tries >= pauses.length) return fail(item, reason(request));
    const seconds = Number(request.getResponseHeader("Retry-After")) || pauses[item.tries];
    item.tries += 1;
    item.note.textContent = (request.status === 0 ? "no connection" : reason(request)) + ", going on in a moment";
    const go = () => {
      window.clearTimeout(item.timer);
      window.removeEventListener("online", go);
      if (current !== item) return;
      if (item.url) ask(item);
      else create(item);
    };
    item.timer = window.setTimeout(go, seconds * 1000);
    window.addEventListener("online", go);
  }

  function succeed(item, answer) {
    forget(item);
    sent += 1;
    item.bar.value = 1;
    const place = answer.getResponseHeader("Content-Location");
    const name = place ? decodeURIComponent(place.split("/").pop()) : "";
    const isRenamed = name && name !== item.path.split("/").pop();
    item.note.textContent = isRenamed ? "uploaded as " + name : "uploaded";
    item.button.hidden = true;
    current = null;
    next();
  }

  function fail(item, why) {
    failed += 1;
    item.note.textContent = why;
    item.row.classList.add("bad");
    offer(item, "Try again", () => {
      failed -= 1;
      item.tries = 0;
      item.row.classList.remove("bad");
      wait(item);
      next();
    });
    current = null;
    next();
  }

  function cancel(item) {
    const request = item.request;
    item.request = null;
    window.clearTimeout(item.timer);
    if (request) request.abort();
    if (item.url) {
      const end = new XMLHttpRequest();
      end.open("DELETE", item.url);
      end.setRequestHeader("Tus-Resumable", "1.0.0");
      end.send();
      forget(item);
    }
    const place = waiting.indexOf(item);
    if (place >= 0) waiting.splice(place, 1);
    // The keyboard is not left nowhere.
    const neighbour = item.row.nextElementSibling || item.row.previousElementSibling;
    (neighbour && neighbour.querySelector("button:not([hidden])") || input).focus();
    item.row.remove();
    if (current === item) {
      current = null;
      next();
    }
  }

  function finish() {
    if (sent + failed === 0) return;
    const files = (count) => count + (count === 1 ? " file" : " files");
    state.textContent = files(sent) + " uploaded" + (failed ? ", " + files(failed) + " not" : "") + ".";
    const isRenamed = [...list.querySelectorAll(".note")].some((note) => note.textContent.startsWith("uploaded as"));
    if (!failed) {
      const target = new URL(form.action);
      target.searchParams.set("added", String(sent));
      window.setTimeout(() => current || window.location.replace(target), isRenamed ? 4000 : 1200);
    }
  }

  // An upload that was cut off by leaving the page goes on when the same file is chosen again.
  function key(file, path) {
    return ["upload", form.action, path, file.size, file.lastModified].join("|");
  }

  function remembered(file, path) {
    try {
      return window.localStorage.getItem(key(file, path));
    } catch {
      return null;
    }
  }

  function remember(item) {
    try {
      window.localStorage.setItem(key(item.file, item.path), item.url);
    } catch {
      // Then it goes on only while this page is open.
    }
  }

  function forget(item) {
    try {
      window.localStorage.removeItem(key(item.file, item.path));
    } catch {
      // There is nothing to forget.
    }
  }

  // The host says what is wrong in words.
  function reason(request) {
    const isText = (request.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    if (isText && request.responseText.length < 300) return request.responseText.trim();
    switch (request.status) {
      case 0: return "the connection was lost";
      case 403: case 405: return "this folder does not take uploads any more";
      case 413: return "too large";
      case 429: case 503: return "this host is busy";
      case 507: return "no room on the disk";
      default: return "failed (" + request.status + ")";
    }
  }
})();

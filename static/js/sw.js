// The service worker. The server puts RELEASE before it: the version, the hashed files, and a few addresses.
//
// It keeps the files of the release and ONE personal page, the outbox, if the server says that it may be kept
// (Yiwang-Keep names for whom). All other pages come from the network or not at all; forms, downloads and what
// scripts fetch are never touched.
"use strict";

const FILES = "yiwang-files-" + RELEASE.version;
const PAGE = "yiwang-page";
const PATIENCE = 5000;  // milliseconds until a bad line counts as none, where there is a copy

self.addEventListener("install", function (event) {
  event.waitUntil(install());
});

async function install() {
  const cache = await caches.open(FILES);
  const wanted = RELEASE.assets.concat(RELEASE.offline);
  await cache.addAll(wanted.map(function (path) { return new Request(path, { cache: RELEASE.hashed ? "default" : "reload" }); }));
  // A kept page names files of its own release: take it anew with them, or stay with the old release for now.
  if (await caches.has(PAGE)) { await keep(await fetch(RELEASE.outbox, { credentials: "same-origin", redirect: "manual" })); }
  await self.skipWaiting();
}

self.addEventListener("activate", function (event) {
  event.waitUntil(activate());
});

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("yiwang-") && name !== FILES && name !== PAGE) { await caches.delete(name); }
  }
  await self.clients.claim();
}

self.addEventListener("fetch", function (event) {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) { return; }
  if (request.method !== "GET") {
    // Somebody signs in or out: whose page was kept must not be there for the next.
    if (RELEASE.identity.includes(url.pathname)) { event.waitUntil(caches.delete(PAGE)); }
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(url.pathname === RELEASE.outbox ? outbox(event) : elsewhere(request));
  } else if (RELEASE.assets.includes(url.pathname)) {
    event.respondWith(file(request));
  }
});

// A file of the release: its name never changes its content, so the kept one is right.
async function file(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (RELEASE.hashed && kept) { return kept; }
  return fetch(request).catch(function (error) {
    if (kept) { return kept; }
    throw error;
  });
}

// The outbox: from the network, which also brings other people and teams; from the copy where there is no network.
async function outbox(event) {
  const network = fetch(event.request).then(async function (response) {
    if (response.status >= 500) { throw new Error("The server is away"); }
    await keep(response.clone());
    return response;
  });
  event.waitUntil(network.catch(function () {}));
  const impatient = new Promise(function (resolve, reject) { setTimeout(reject, PATIENCE, new Error("The line is slow")); });
  try {
    return await Promise.race([network, impatient]);
  } catch (error) {
    const kept = await (await caches.open(PAGE)).match(RELEASE.outbox);
    return kept || network.catch(standIn);
  }
}

async function keep(response) {
  const cache = await caches.open(PAGE);
  if (response.ok && response.headers.get("Yiwang-Keep")) {
    await cache.put(RELEASE.outbox, response);
  } else if (response.status < 500) {
    // Signed out, or somebody whose page is not kept.
    await caches.delete(PAGE);
  }
}

async function elsewhere(request) {
  return fetch(request).catch(standIn);
}

async function standIn(error) {
  const page = await caches.match(RELEASE.offline);
  if (!page) { throw error; }
  return page;
}

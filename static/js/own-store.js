// What a signed-in person's pages keep on this device: the outbox with its photos, and drafts.
//
// Each person has a database of their own, named by an opaque id; what lies in it is sealed (AES-GCM) with a key that
// only the person's own pages carry. The next one at the same browser opens a database of theirs and reads nothing.
// In the clear are only an entry's id, its state and when it was made: what a count and an order need.
(function () {
  "use strict";

  const meta = document.querySelector("meta[name=yiwang-own-store]");
  if (!meta) { return; }
  const owner = meta.content;
  const PREFIX = "yiwang-";
  const name = PREFIX + owner;
  const isUsable = window.isSecureContext && "indexedDB" in window && Boolean(window.crypto && crypto.subtle);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  const changed = new EventTarget();
  let opened = null;
  let isGone = false;
  let key = null;

  // --- The database ---------------------------------------------------------------------------------

  function done(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = function () { reject(request.error); };
    });
  }
  function database() {
    if (isGone) { return Promise.reject(new Error("The person has signed out")); }
    if (opened) { return opened; }
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = function () {
      request.result.createObjectStore("entries", { keyPath: "id" });
      request.result.createObjectStore("photos", { keyPath: "id" });
      request.result.createObjectStore("drafts", { keyPath: "id" });
    };
    opened = done(request).then(function (found) {
      // Another tab clears it at sign-out: let go at once, and write nothing more.
      found.onversionchange = function () { found.close(); isGone = true; };
      found.onclose = function () { opened = null; };
      return found;
    });
    opened.catch(function () { opened = null; });
    return opened;
  }
  function store(kind, mode) {
    return database().then(function (found) { return found.transaction(kind, mode).objectStore(kind); });
  }
  function get(kind, id) { return store(kind, "readonly").then(function (all) { return done(all.get(id)); }); }
  function getAll(kind) { return store(kind, "readonly").then(function (all) { return done(all.getAll()); }); }
  function put(kind, record) { return store(kind, "readwrite").then(function (all) { return done(all.put(record)); }); }
  function remove(kind, id) { return store(kind, "readwrite").then(function (all) { return done(all.delete(id)); }); }

  // --- Sealing --------------------------------------------------------------------------------------

  function ownKey() {
    if (!key) {
      const bytes = Uint8Array.from(atob(meta.dataset.key), function (sign) { return sign.charCodeAt(0); });
      key = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    }
    return key;
  }
  async function seal(bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv: iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv: iv }, await ownKey(), bytes) };
  }
  async function unseal(sealed) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await ownKey(), sealed.data);
  }
  async function sealText(value) { return seal(new TextEncoder().encode(JSON.stringify(value))); }
  async function unsealText(sealed) { return JSON.parse(new TextDecoder().decode(await unseal(sealed))); }

  function tell() {
    changed.dispatchEvent(new Event("change"));
    if (channel) { channel.postMessage("change"); }
  }
  if (channel) { channel.onmessage = function () { changed.dispatchEvent(new Event("change")); }; }

  // --- Entries of the outbox ------------------------------------------------------------------------

  // An entry: id (its submission key), state (waiting, sending, delivered, refused, ask), madeAt, and what is in it.
  async function entries() {
    const records = await getAll("entries");
    const all = [];
    for (const record of records) {
      try {
        all.push(Object.assign(await unsealText(record.sealed), { id: record.id, state: record.state, madeAt: record.madeAt }));
      } catch (error) {
        console.warn("An entry of the outbox cannot be opened", error);
      }
    }
    return all.sort(function (one, other) { return one.madeAt - other.madeAt; });
  }
  async function putEntry(entry) {
    const sealed = await sealText(entry);
    await put("entries", { id: entry.id, state: entry.state, madeAt: entry.madeAt, sealed: sealed });
    tell();
  }
  async function deleteEntry(id) {
    await remove("photos", id);
    await remove("entries", id);
    tell();
  }
  async function countUndelivered() {
    const records = await getAll("entries");
    return records.filter(function (record) { return record.state !== "delivered"; }).length;
  }

  async function putPhotos(id, files) {
    const sealed = [];
    for (const file of files) {
      sealed.push(Object.assign(await seal(await file.arrayBuffer()), { type: file.type, name: file.name || "photo.jpg" }));
    }
    await put("photos", { id: id, photos: sealed });
  }
  async function photosOf(id) {
    const record = await get("photos", id);
    const files = [];
    for (const photo of (record && record.photos) || []) {
      files.push(new File([await unseal(photo)], photo.name, { type: photo.type }));
    }
    return files;
  }

  // --- Drafts ---------------------------------------------------------------------------------------

  async function draft(id) {
    const record = await get("drafts", id);
    return record ? unsealText(record.sealed).catch(function () { return null; }) : null;
  }
  async function drafts() {
    const found = await getAll("drafts");
    return found.map(function (record) { return { id: record.id, at: record.at }; });
  }
  async function putDraft(id, value) { return put("drafts", { id: id, at: Date.now(), sealed: await sealText(value) }); }

  // --- Leaving --------------------------------------------------------------------------------------

  async function clear() {
    const found = opened && await opened.catch(function () { return null; });
    if (found) { found.close(); }
    isGone = true;
    await new Promise(function (resolve) {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = request.onerror = resolve;
      request.onblocked = function () { setTimeout(resolve, 1500); };
    });
    if (channel) { channel.postMessage("change"); }
  }
  // Whether others have a store on this device; true where the browser does not tell.
  async function othersAreHere() {
    if (!indexedDB.databases) { return true; }
    const all = await indexedDB.databases();
    return all.some(function (each) { return each.name.startsWith(PREFIX) && each.name !== name; });
  }

  window.ownStore = {
    owner: owner,
    isUsable: isUsable,
    changed: changed,
    entries: entries,
    putEntry: putEntry,
    deleteEntry: deleteEntry,
    countUndelivered: countUndelivered,
    putPhotos: putPhotos,
    photosOf: photosOf,
    draft: draft,
    drafts: drafts,
    putDraft: putDraft,
    deleteDraft: function (id) { return remove("drafts", id); },
    clear: clear,
    othersAreHere: othersAreHere,
  };
})();

// A long form (a proposal, a request, a review) while somebody writes: says at once whether it fits, saves by itself, keeps what could not
// be sent in this browser until it could, and stops when somebody else saved. Without this script the form's own buttons do all of it.

const form = document.querySelector("form[data-autosave]")
const status = form.querySelector(".saved")
const stale = document.querySelector("#stale")
const unsent = document.querySelector("#unsent")

const PAUSE = 1_500
const FIT_PAUSE = 300
const RETRY = [2_000, 5_000, 15_000, 30_000]

/**
 * What waits to be answered: at most two entries {command, fields, at, sent}. The first may have arrived although no answer came back, so it
 * is sent again under the same command before anything newer. It survives a closed tab and a lost connection.
 */
const queue = {
  key: `moonbridge.${form.dataset.kind ?? "proposal"}.${form.dataset.key}`,
  entries: [],
  load() {
    this.entries = JSON.parse(localStorage.getItem(this.key) ?? "[]")
  },
  keep(...entries) {
    this.entries = entries
    try {
      if (entries.length) localStorage.setItem(this.key, JSON.stringify(entries))
      else localStorage.removeItem(this.key)
    } catch {
      // A full or forbidden storage: the text stays in the form, and sending goes on.
    }
  },
}

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

const fields = () => [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "command"].includes(name))
const token = () => form.elements.csrfmiddlewaretoken.value
const say = (name, detail = "") => {
  status.dataset.state = name
  status.textContent = status.dataset[name].replace("%s", detail)
}
const clock = (iso) => new Date(iso).toISOString().slice(11, 16)

function body(entry) {
  const data = new FormData()
  for (const [name, value] of entry.fields) data.append(name, value)
  data.set("command", entry.command)
  return data
}

// --- saving by itself ---

let timer = 0
let sending = null
let failures = 0
let stopped = false

function changed() {
  keep()
  if (stopped) return
  say("pending")
  schedule(PAUSE)
}

/** Keep in this browser what the form holds now, until it is saved. */
function keep() {
  const fresh = { command: uuid(), fields: fields(), at: new Date().toISOString(), sent: false }
  queue.keep(...queue.entries.filter((entry) => entry.sent), fresh)
}

function schedule(pause) {
  clearTimeout(timer)
  timer = setTimeout(save, pause)
}

/** Send what waits, the oldest first and one at a time. */
async function save() {
  clearTimeout(timer)
  await sending
  if (stopped || !queue.entries.length) return
  sending = send({ ...queue.entries[0], sent: true })
  await sending
}

/** Send all that waits, until nothing does or the line fails. */
async function flush() {
  do await save()
  while (waits() && status.dataset.state === "pending")
}

/** Whether something may still arrive: what was refused or overtaken will not as it is. */
const waits = () => queue.entries.length > 0 && !stopped && status.dataset.state !== "refused"

async function send(entry) {
  queue.keep(entry, ...queue.entries.slice(1))
  const answer = await fetch(form.dataset.autosave, { method: "POST", body: body(entry), headers: { "X-CSRFToken": token() } }).catch(() => null)
  if (answer?.redirected) return say("entry")
  if (answer?.status === 404 && status.dataset.gone) return gone()
  if (!answer?.headers.get("Content-Type")?.startsWith("application/json")) return later()
  const said = await answer.json()
  failures = 0
  if (answer.ok) saved(said)
  else if (said.code === "stale") overtaken(said)
  else refused(entry, said.sentence)
}

/** What is not this person's any more does not stay in the browser either. */
function gone() {
  stopped = true
  queue.keep()
  say("gone")
}

function later() {
  say("offline")
  schedule(RETRY[Math.min(failures++, RETRY.length - 1)])
}

function saved(said) {
  form.elements.version.value = said.version
  const newer = queue.entries.slice(1)
  // What was typed meanwhile builds on what was just saved.
  queue.keep(...newer.map((entry) => ({ ...entry, fields: fields() })))
  if (newer.length) schedule(PAUSE)
  else say("saved", clock(said.saved_at))
}

/** What was refused is kept, but not sent again as it is: the next change takes its place. */
function refused(entry, why) {
  const newer = queue.entries.slice(1)
  queue.keep(...(newer.length ? newer : [{ ...entry, sent: false }]))
  say("refused", why)
  if (newer.length) schedule(PAUSE)
}

function overtaken(said) {
  stopped = true
  const list = stale.querySelector("[data-differences]")
  list.replaceChildren(
    ...said.differences.flatMap(({ part, theirs, yours }) => [
      Object.assign(document.createElement("dt"), { textContent: part }),
      Object.assign(document.createElement("dd"), { textContent: theirs }),
      Object.assign(document.createElement("dd"), { textContent: yours }),
    ]),
  )
  stale.hidden = false
  stale.scrollIntoView({ block: "nearest" })
}

// --- does it fit? ---

let asking = 0

function ask() {
  clearTimeout(asking)
  asking = setTimeout(fit, FIT_PAUSE)
}

async function fit() {
  const data = new FormData(form)
  const answer = await fetch(form.dataset.fits, { method: "POST", body: data }).catch(() => null)
  if (!answer?.ok || answer.redirected) return
  const pieces = new DOMParser().parseFromString(await answer.text(), "text/html")
  for (const piece of pieces.querySelectorAll("[data-fit]")) {
    show(document.querySelector(`[data-fit="${piece.dataset.fit}"]`), piece)
  }
  show(document.querySelector("[data-missing]"), pieces.querySelector("[data-missing]"))
}

/** Put a new piece in the place of an old one, unless it says the same: a screen reader would read it again. */
function show(place, piece) {
  if (place && place.innerHTML !== piece.innerHTML) place.replaceChildren(...piece.childNodes)
}

// --- rows: a filled last row is followed by an empty one ---

function grow(field) {
  const row = field.closest("[data-row]")
  if (!row || row.nextElementSibling || !field.value) return
  const prefix = row.parentElement.dataset.rows
  const number = Number(field.name.slice(prefix.length + 1).split("-")[0])
  const next = row.cloneNode(true)
  for (const part of next.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const name of ["name", "id", "for", "aria-describedby"]) {
      const value = part.getAttribute(name)
      if (value) part.setAttribute(name, value.replace(`${prefix}-${number}-`, `${prefix}-${number + 1}-`))
    }
  }
  for (const part of next.querySelectorAll("input")) {
    part.checked = false
    if (part.type !== "checkbox") part.value = ""
  }
  for (const errors of next.querySelectorAll(".errorlist")) errors.remove()
  row.after(next)
}

// --- what an earlier visit could not send ---

function offer(entries) {
  const last = entries.at(-1)
  const list = unsent.querySelector("[data-differences]")
  const differing = differences(last.fields)
  if (list && !differing.length) return queue.keep()
  list?.replaceChildren(...differing.map(row))
  unsent.querySelector("[data-when]").textContent = new Date(last.at).toLocaleString(document.documentElement.lang)
  unsent.hidden = false
  stopped = true
  // Until one of the two versions is chosen, nothing is typed that the other would overwrite.
  form.inert = Boolean(list)
  unsent.querySelector("[data-restore]").addEventListener("click", () => (list ? takeBack(last.fields) : restore(entries)))
  unsent.querySelector("[data-discard]").addEventListener("click", () => {
    queue.keep()
    goOn()
  })
}

function goOn() {
  unsent.hidden = true
  form.inert = stopped = false
}

const plain = (text) => text.replaceAll("\r\n", "\n").trim()

/** Return [name, as it is saved, as it is kept] of each field in which the kept text differs from the page. */
function differences(kept) {
  const saved = new Map(fields())
  return kept
    .map(([name, value]) => [name, plain(saved.get(name) ?? ""), plain(value)])
    .filter(([name, theirs, yours]) => name !== "version" && theirs !== yours)
}

function row([name, theirs, yours]) {
  const line = document.createElement("tr")
  const head = Object.assign(document.createElement("th"), { scope: "row", textContent: called(name) })
  line.append(head, ...[theirs, yours].map((text) => Object.assign(document.createElement("td"), { textContent: told(name, text) })))
  return line
}

/** Return what people call a field: its label, beneath the heading of its part. */
function called(name) {
  const part = form.elements[name]
  const field = part instanceof RadioNodeList ? part[0] : part
  const heading = field?.closest("[data-part]")?.dataset.part
  const label = field?.type === "radio" ? null : field?.labels?.[0]?.firstChild?.textContent.trim()
  return [heading, label].filter(Boolean).join(": ") || name
}

/** Return what a value means: the words beside a button that is chosen. */
function told(name, text) {
  const part = form.elements[name]
  if (!(part instanceof RadioNodeList)) return text
  return [...part].find((one) => one.value === text)?.closest("label")?.textContent.trim() ?? text
}

/** Put the kept text into the form and save it on top of what is saved now, which was shown beside it. */
function takeBack(kept) {
  for (const [name, value] of kept) {
    if (name !== "version" && form.elements[name]) form.elements[name].value = value
  }
  queue.keep()
  goOn()
  changed()
  form.scrollIntoView({ block: "start" })
}

/** Send the kept text as the form itself would: the answer shows it saved, or both versions if somebody else saved meanwhile. */
async function restore(entries) {
  const [last, ...earlier] = entries.toReversed()
  for (const entry of earlier) {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body: body(entry), headers: { "X-CSRFToken": token() } })
    if (!answer.ok) continue
    const { version } = await answer.json()
    last.fields = last.fields.map(([name, value]) => [name, name === "version" ? version : value])
  }
  const sender = Object.assign(document.createElement("form"), { method: "post", action: form.action, hidden: true })
  for (const [name, value] of [...last.fields, ["command", last.command], ["csrfmiddlewaretoken", token()]]) {
    sender.append(Object.assign(document.createElement("textarea"), { name, value }))
  }
  document.body.append(sender)
  queue.keep()
  sender.submit()
}

// --- begin ---

form.addEventListener("input", ({ target }) => {
  grow(target)
  changed()
  if ("fits" in target.dataset || target.closest("[data-rows]")) ask()
})
form.addEventListener("submit", async (event) => {
  // What waits is sent first: only an answer says that it arrived. What was refused or overtaken goes with the form, to be shown again.
  if (waits()) {
    event.preventDefault()
    await flush()
    if (!waits()) form.requestSubmit(event.submitter)
    return
  }
  stopped = true
  clearTimeout(timer)
  if (!form.dataset.kind) queue.keep()
})
addEventListener("online", save)
for (const door of document.querySelectorAll("[data-after-saving]")) {
  const kind = door.tagName === "FORM" ? "submit" : "click"
  door.addEventListener(kind, async (event) => {
    if (stopped || !queue.entries.length) return
    event.preventDefault()
    await flush()
    if (queue.entries.length) return
    if (kind === "submit") door.submit()
    else location.assign(door.href)
  })
}

document.querySelector("[data-drop]")?.addEventListener("click", () => queue.keep())

queue.load()
if ("unsaved" in form.dataset) {
  // The page holds what was typed and is not saved: that takes the place of what was kept before.
  queue.keep()
  keep()
} else if (queue.entries.length) offer(queue.entries)

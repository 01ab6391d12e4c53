// The portfolio studio while somebody looks: sliders and switches answer at once, points and links stay on the page, long work tells its
// progress. Without this script the form's own button, the links and the table do all of it.

const PAUSE = 250
const LOOK_AGAIN = 1_500

const studio = document.querySelector("#studio")
const said = document.querySelector("#studio-said")
const levers = () => document.querySelector("#levers")
const say = (text) => {
  if (said.textContent !== text) said.textContent = text
}

let running = null
let timer = 0

/** Ask the server for a page or a part of one; a newer question stops an older one. */
async function ask(url) {
  running?.abort()
  running = new AbortController()
  const { signal } = running
  studio.setAttribute("aria-busy", "true")
  const waiting = setTimeout(() => say(said.dataset.wait), 400)
  try {
    const answer = await fetch(url, { signal })
    return { answer, text: await answer.text() }
  } catch {
    if (!signal.aborted) say(said.dataset.lost)
    return null
  } finally {
    clearTimeout(waiting)
    if (!signal.aborted) studio.removeAttribute("aria-busy")
  }
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html")

/** Put the parts of another page into this one; whoever had the focus gets it back. */
function swap(page, ...selectors) {
  const focused = document.activeElement?.id
  for (const selector of selectors) {
    const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)]
    if (old && fresh) old.replaceChildren(...fresh.childNodes)
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true })
  dress()
}

/** Say what is new, and let the forms that keep or study something speak of what is shown now. */
function follow() {
  const { said: news, query } = document.querySelector("#answer [data-said]").dataset
  say(news)
  for (const field of document.querySelectorAll("[data-follows]")) field.value = query
}

// --- a dial is turned, a rule is switched ---

function changed() {
  clearTimeout(timer)
  if (!levers().checkValidity()) {
    say(said.dataset.bounds)
    return
  }
  timer = setTimeout(solve, PAUSE)
}

async function solve() {
  const query = new URLSearchParams(new FormData(levers()))
  const found = await ask(`${studio.dataset.answer}?${query}`)
  if (!found || found.answer.redirected) return
  document.querySelector("#answer").innerHTML = ""
  document.querySelector("#answer").append(...parsed(found.text).body.childNodes)
  const address = found.answer.headers.get("Studio-Address")
  if (address && address !== location.pathname + location.search) history.pushState(null, "", address)
  mark()
  follow()
  dress()
  await draw()
}

/** Draw the frontier anew; the answer has been shown already. */
async function draw() {
  const query = new URLSearchParams(location.search)
  const along = document.querySelector("#along")
  if (along && !query.has("along")) query.set("along", along.value)
  const found = await ask(`${studio.dataset.frontier}?${query}`)
  if (!found?.answer.ok || found.answer.redirected) return
  const part = document.querySelector("#frontier-part")
  part.replaceChildren(...parsed(found.text).body.childNodes)
  dress()
}

/** Show which levers differ from the recommendation. */
function mark() {
  for (const lever of document.querySelectorAll(".lever")) {
    const numbers = [...lever.querySelectorAll("input[type=number]")]
    const off = lever.querySelector("input[type=checkbox]")?.checked
    lever.classList.toggle("changed", Boolean(off) || numbers.some((one) => Number(one.value) !== Number(one.dataset.called)))
    for (const dial of lever.querySelectorAll(".dial input")) dial.disabled = Boolean(off)
  }
}

// --- whole pages without leaving this one ---

async function show(url, { push = true } = {}) {
  const found = await ask(url)
  if (!found) return
  const page = parsed(found.text)
  if (!page.querySelector("#studio")) {
    location.assign(url)
    return
  }
  if (push) history.pushState(null, "", found.answer.url)
  swap(page, ".studio-levers", "#answer", "#frontier-part", "#scenarios-part")
  follow()
  if (new URL(url, location.href).hash === "#why") document.querySelector("#why")?.focus()
}

// --- what is on the page ---

/** Show what only scripts can use: sliders; and hide the buttons that they make needless. */
function dress() {
  for (const button of document.querySelectorAll("button[data-plain]")) button.hidden = true
  for (const slider of document.querySelectorAll("input[data-dial][hidden]")) slider.hidden = false
  for (const study of document.querySelectorAll("[data-poll]:not([data-polled])")) {
    study.dataset.polled = "yes"
    setTimeout(() => look(study), LOOK_AGAIN)
  }
}

/** Look how far a study is; once it is over, show what came of it. */
async function look(study) {
  if (!study.isConnected) return
  const answer = await fetch(study.dataset.poll, { headers: { "HX-Request": "true" } }).catch(() => null)
  if (!study.isConnected) return
  if (!answer?.ok) {
    setTimeout(() => look(study), 4 * LOOK_AGAIN)
    return
  }
  const fresh = parsed(await answer.text()).querySelector("[data-poll]")
  if (!fresh) {
    await show(location.href, { push: false })
    return
  }
  const [bar, now] = [study.querySelector("progress"), fresh.querySelector("progress")]
  if (now.hasAttribute("value")) Object.assign(bar, { max: now.max, value: now.value })
  setTimeout(() => look(study), LOOK_AGAIN)
}

studio.addEventListener("input", ({ target }) => {
  if (!target.closest("#levers")) return
  const slider = target.dataset.dial
  if (slider) document.getElementById(slider).value = target.value
  else if (target.type === "number") {
    const other = document.querySelector(`input[data-dial="${target.id}"]`)
    if (other) other.value = target.value
  }
  mark()
  changed()
})
studio.addEventListener("submit", (event) => {
  if (event.target.id !== "levers") return
  event.preventDefault()
  changed()
})
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-stay]")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
  event.preventDefault()
  const href = link.getAttribute("href")
  show(new URL(href, location.href).href)
})
document.addEventListener("change", ({ target }) => {
  if (target.id === "along") show(`${studioPath()}?${new URLSearchParams(new FormData(target.form))}`)
})
const studioPath = () => location.pathname

/** Arrows lead from point to point, as from one radio button to the next. */
document.addEventListener("keydown", (event) => {
  const mark = event.target.closest?.("a.mark")
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (!mark || !step) return
  const marks = [...document.querySelectorAll("a.mark")]
  event.preventDefault()
  marks[(marks.indexOf(mark) + step + marks.length) % marks.length].focus()
})
addEventListener("popstate", () => show(location.href, { push: false }))

mark()
dress()

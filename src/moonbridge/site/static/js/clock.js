// Adds "12 days left" to each deadline that the page shows; the page itself always states the instant with its zone.
// Language and direction come from the document, the present instant from the server's Date header where the page gives it.

const SECOND = 1000
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]]
const language = document.documentElement.lang || "en"

const inUnit = (amount, unit) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount)

/** The two largest units of a span of seconds: "12 days 3 hours", "4 minutes 10 seconds". */
function spelled(seconds) {
  const first = Math.max(UNITS.findIndex(([, size]) => seconds >= size), 0)
  let rest = seconds
  return UNITS.slice(0, first + 2)
    .map(([unit, size]) => [Math.floor(rest / size), unit, (rest %= size)])
    .slice(first)
    .map(([amount, unit]) => inUnit(amount, unit))
    .join(" ")
}

function show(clock) {
  const left = Math.floor((Date.parse(clock.querySelector("time").dateTime) - Date.now()) / SECOND)
  clock.classList.toggle("past", left <= 0)
  clock.querySelector(".left").textContent = left > 0 ? spelled(left) : ""
  return left > 0
}

function tick() {
  const running = [...document.querySelectorAll(".clock[data-countdown]")].filter(show)
  if (running.length) setTimeout(tick, SECOND)
}

tick()

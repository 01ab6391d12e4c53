"""Choose a portfolio with the library, ask why, and change the call: run me with ``python examples/select_portfolio.py``."""

from pathlib import Path

import moonbridge
from moonbridge.engines.selection.rules import leave_out

call = moonbridge.read_call(Path(__file__).with_name("change8.toml"))
chosen = moonbridge.select(call)
print(chosen)

print("\nWhy is S13 not in?")
print(moonbridge.sentence(moonbridge.explain(chosen, "S13")))
print(moonbridge.sentence(moonbridge.explain(chosen, "S13"), "zh"))

lost = moonbridge.select(call.with_rules(leave_out("S02", reason="export licence refused")))
changed = sorted(lost.choices.items() - chosen.choices.items())
print("\nIf S02 were lost, these would fly instead:", ", ".join(f"{name} ({option})" for name, option in changed))

"""Choose a portfolio with the library, ask why, and change the call: run me with ``python examples/select_portfolio.py``."""

from dataclasses import replace
from pathlib import Path

import moonbridge
from moonbridge.engines.selection.rules import leave_out

call = moonbridge.read_call(Path(__file__).with_name("change8.toml"))
chosen = moonbridge.select(call)
print(chosen)

print("\nWhy is S13 not in?")
print(moonbridge.sentence(moonbridge.explain(chosen, "S13")))
print(moonbridge.sentence(moonbridge.explain(chosen, "S13"), "zh"))

print("\nWhat if merit counted by size (mass to the power of 3/4, once at 20 kg)?")
weighed = moonbridge.select(replace(call, weighting=moonbridge.by_size("3/4", {"mass": 20_000_000})))
print("In:", ", ".join(weighed.choices.keys() - chosen.choices.keys()) or "nobody new")

print("\nWho asked and got how much, by theme?")
mass = moonbridge.fairness(chosen, "theme").division("mass")
print(f"To be proportional, {float(mass.loosemore_hanby):.0%} of the mass would have to change hands.")

lost = moonbridge.select(call.with_rules(leave_out("S02", reason="export licence refused")))
changed = sorted(lost.choices.items() - chosen.choices.items())
print("\nIf S02 were lost, these would fly instead:", ", ".join(f"{name} ({option})" for name, option in changed))

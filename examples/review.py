"""From a panel to merits that selection takes in: run me with ``python examples/review.py``. All of it is synthetic."""

import numpy as np

import moonbridge

draw = np.random.default_rng(1)
fit = draw.random((12, 9)).round(3)
barred = draw.random((12, 9)) < 0.15  # noqa: PLR2004 - about one pair in seven has a conflict
engineers = moonbridge.Quota("engineers", (0, 3, 6), low=1)
asked = moonbridge.panel(fit, demand=3, least=2, most=6, barred=barred, quotas=[engineers])

best = moonbridge.assign(asked)
print(f"Total {best.total / 1e6:.3f}, worst-served proposal {best.floor / 1e6:.3f}, proven: {best.proven}")
fair = moonbridge.assign_fairly(asked)
print(f"Total {fair.total / 1e6:.3f}, worst-served proposal {fair.floor / 1e6:.3f}, proven: {fair.proven}")

print("\nReviewer 1 drops out of the first proposal:")
barred[0, 0] = True
recused = moonbridge.panel(fit, demand=3, least=2, most=6, barred=barred, quotas=[engineers])
again = moonbridge.assign(recused, keep=best.chosen)
print(f"{int((best.chosen & ~again.chosen).sum())} pair(s) of the old assignment change.")

print("\nAnd if everybody but reviewer 5 had a conflict with proposals 2 and 3?")
barred[1:3] = True
barred[1:3, 4] = False
try:
    moonbridge.assign(moonbridge.panel(fit, demand=1, most=1, barred=barred))
except moonbridge.Infeasible as error:
    print(error)

print("\nThe reviewers score; some are severe:")
severity, merit = draw.normal(0, 8, size=9), draw.normal(70, 8, size=12)
scores = [(str(p + 1), str(r + 1), float(merit[p] - severity[r] + draw.normal(0, 4))) for p, r in best.pairs]
told = moonbridge.calibrate(scores)
for place in np.argsort(-told.merit)[:3]:
    print(
        f"Proposal {told.proposals[place]}: {told.merit[place]:.1f} ± {told.doubt[place]:.1f}, raw mean {told.raw_mean[place]:.1f}"
    )

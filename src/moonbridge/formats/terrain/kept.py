"""Keep the part of a map that is done, so that a run that was stopped goes on where it was."""

import hashlib
import json
import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from moonbridge.engines.moon.maps import Runs, Survey, Tally


class Kept:
    """The tally of one survey in one file; a file of another survey counts as none."""

    def __init__(self, path: Path, survey: Survey) -> None:
        """Keep the tally of ``survey`` at ``path``."""
        self.path, self._key = path, key(survey)

    def load(self) -> Tally | None:
        """Return what is done of exactly this survey, None if nothing is."""
        try:
            with np.load(self.path) as file:
                if str(file["key"]) != self._key:
                    return None
                runs = Runs(file["lead"], file["trail"], file["longest"], file["seen"]) if "lead" in file else None
                return Tally(0, int(file["last"]), file["visible"], runs)
        except (OSError, BadZipFile, KeyError, ValueError):
            return None  # nothing there, or cut short by a crash: the map begins again

    def save(self, tally: Tally) -> None:
        """Put the tally in the file's place, whole or not at all."""
        runs = {} if tally.runs is None else vars(tally.runs)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with fresh.open("wb") as file:
            np.savez(file, key=self._key, last=tally.last, visible=tally.visible, **runs)
        fresh.replace(self.path)

    def forget(self) -> None:
        """Remove the file, if there is one."""
        self.path.unlink(missing_ok=True)


def key(survey: Survey) -> str:
    """Return a digest of everything that a survey's counts depend on."""
    sky, digest = survey.sky, hashlib.sha256()
    levels = [
        [level.name, level.sha256, level.x_m, level.y_m, level.dx_m, level.dy_m, level.shape]
        for level in survey.terrain.levels
    ]
    digest.update(json.dumps([levels, survey.mast_m, survey.terrain.reach_m, sky.first_deg, sky.per_deg]).encode())
    digest.update(np.ascontiguousarray(survey.ground.stored))
    digest.update(sky.azimuth_deg.tobytes() + sky.table.tobytes())
    digest.update(b"" if sky.limbs_deg is None else sky.limbs_deg.tobytes())
    return digest.hexdigest()

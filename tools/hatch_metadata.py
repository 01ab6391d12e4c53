"""Give the package the direct dependencies that requirements/base.in lists, so that they are written once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RequirementsIn(MetadataHookInterface):  # type: ignore[misc]
    """Read requirements/base.in into the project's dependencies."""

    def update(self, metadata: dict[str, object]) -> None:
        """Set ``dependencies`` to the lines of base.in that are neither comments nor empty."""
        lines = (Path(self.root) / "requirements" / "base.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]

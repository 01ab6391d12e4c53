"""An example text to start from. Its prompts, ``[→ ...]``, must be gone before anything is submitted, in whatever language they are."""

import re
from typing import Final

from django.utils.translation import gettext

PROMPT: Final = re.compile(r"\[→[^\]]*\]")


def texts() -> dict[str, str]:
    """Return the example for each text of a proposal, in the reader's language."""
    return {
        "abstract": gettext(
            "We propose [→ what kind of instrument] to measure [→ which quantity, with which accuracy] on [→ which element]. "
            "The result will [→ who can do what with it that they cannot do now]."
        ),
        "objectives": gettext(
            "1. [→ The question.] It is open because [→ what earlier missions left open].\n"
            "2. [→ How the measurement answers it: range, resolution, duration.]\n"
            "3. [→ What counts as success after one lunar day, and at the end.]"
        ),
        "accommodation": gettext(
            "Field of view [→ degrees, in which direction]; pointing [→ accuracy and stability]; deployment [→ none, or what moves]; "
            "cleanliness [→ class]; magnetic or chemical limits [→ none, or which]."
        ),
        "export_control": gettext(
            "[→ List each component that needs a licence, of which country, and whether it is granted; or say that none does.]"
        ),
        "letter": gettext(
            "[→ Lead institution and country] intends to propose [→ instrument] with [→ partners], of about [→ mass and power]."
        ),
    }

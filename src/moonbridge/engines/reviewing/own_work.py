"""Phrases in which authors speak of their own work or place, each with whether it is certain to tell who they are.

With a citation behind it, one look into the bibliography is enough; without one somebody should look. English is looked at closely;
of Chinese, French, Russian and Spanish the plainest phrases are known.
"""

import re
from typing import Final

_EARLIER: Final = "previous|earlier|prior|past|recent|published|former"
_WORK: Final = (
    "works?|stud(?:y|ies)|papers?|articles?|results?|publications?|missions?|"
    "instruments?|payloads?|proposals?|flights?|experiments?"
)
_PLACE: Final = (
    "institut(?:e|ion)|university|laboratory|lab|department|group|company|agency|country|faculty|observatory"
)
_DONE: Final = "flown|flew|built|shown|showed|reported|published|demonstrated|delivered|operated|developed"
_CITED: Final = r"\s*(?:\[[^\]]{1,40}\]|\([^)]{0,60}\b(?:19|20)\d\d[a-z]?\))"
"""``[12]``, ``[Li 2020]``, ``(Li et al., 2020a)``."""
_OWN_WORK: Final = rf"\b(?:our|my)\s+(?:own\s+)?(?:{_EARLIER})\s+(?:\w+\s+){{0,2}}?(?:{_WORK})\b"
_WE_DID: Final = rf"\bwe\s+(?:have\s+)?(?:previously|earlier|already)\s+(?:{_DONE})\b"
_CHINESE_WORK: Final = "工作|研究|论文|成果|文章|载荷|任务"


def _phrase(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE)


PHRASES: Final = (
    (_phrase(_OWN_WORK + _CITED), True),
    (_phrase(rf"{_WE_DID}(?:\s+[\w-]+){{0,8}}?{_CITED}"), True),
    (_phrase(_OWN_WORK), False),
    (_phrase(_WE_DID), False),
    (_phrase(r"\bas\s+we\s+(?:have\s+)?(?:previously\s+)?(?:showed|shown|reported|published|demonstrated)\b"), False),
    (_phrase(rf"\b(?:our|my)\s+(?:{_PLACE})\b"), False),
    (
        _phrase(rf"(?:我们|本团队|本课题组|我所|我校|本单位)(?:之前|以前|此前|前期|早期|已发表)的?(?:{_CHINESE_WORK})"),
        False,
    ),
    (_phrase("本单位|本团队|本课题组|我校"), False),
    (_phrase(r"\bnos?\s+(?:travaux|études?|articles?|instruments?)\s+(?:précédente?s?|antérieure?s?)\b"), False),
    (_phrase(r"\bнаш\w*\s+(?:предыдущ|ранн|прежн)\w*\s+(?:работ|стат|исследовани)\w*"), False),
    (_phrase(r"\bnuestros?\s+(?:trabajos?|estudios?|artículos?)\s+(?:anterior(?:es)?|previos?)\b"), False),
)

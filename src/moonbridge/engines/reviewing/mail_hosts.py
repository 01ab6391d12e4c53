"""Mail hosts that anybody may use: two addresses there say nothing about an institution.

Provenance: general knowledge of November 2026, under the name of each operator; no page of an operator was consulted. A host
that is missing makes a conflict too many, which the office can take back; a host that is wrongly here hides one, so
institutions' hosts are never listed.
"""

from types import MappingProxyType
from typing import Final

SHARED: Final = MappingProxyType(
    {
        "Google (Gmail)": ("gmail.com", "googlemail.com"),
        "Microsoft (Outlook)": ("outlook.com", "hotmail.com", "live.com", "msn.com"),
        "Yahoo": ("yahoo.com", "ymail.com", "yahoo.co.uk", "yahoo.co.jp", "yahoo.fr", "yahoo.de", "rocketmail.com"),
        "Apple (iCloud)": ("icloud.com", "me.com", "mac.com"),
        "NetEase": ("163.com", "126.com", "yeah.net", "188.com", "vip.163.com"),
        "Tencent (QQ Mail)": ("qq.com", "vip.qq.com", "foxmail.com"),
        "Sina": ("sina.com", "sina.cn"),
        "Sohu": ("sohu.com",),
        "Alibaba (Aliyun Mail)": ("aliyun.com",),
        "China Mobile": ("139.com",),
        "China Telecom": ("189.cn",),
        "Yandex": ("yandex.ru", "yandex.com", "ya.ru"),
        "VK (Mail.ru)": ("mail.ru", "bk.ru", "inbox.ru", "list.ru"),
        "Rambler": ("rambler.ru",),
        "Proton": ("proton.me", "protonmail.com", "pm.me"),
        "GMX and Web.de": ("gmx.de", "gmx.net", "gmx.com", "web.de"),
        "Orange": ("orange.fr", "wanadoo.fr"),
        "La Poste": ("laposte.net",),
        "Naver": ("naver.com",),
        "Daum": ("daum.net", "hanmail.net"),
        "Rediff": ("rediffmail.com",),
        "Zoho": ("zohomail.com",),
        "Fastmail": ("fastmail.com", "fastmail.fm"),
        "Tuta": ("tutanota.com", "tuta.io"),
        "AOL": ("aol.com",),
        "UOL": ("uol.com.br", "bol.com.br"),
        "Libero": ("libero.it",),
    }
)
"""Operators and their hosts."""

HOSTS: Final = frozenset(host for hosts in SHARED.values() for host in hosts)
"""All shared hosts."""
_COUNTRY_LETTERS: Final = 2

_SECTORS: Final = frozenset({
    "ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "govt", "gub", "mil", "ne", "net", "or", "org", "re", "res", "sci",
})  # fmt: skip
"""What countries call the parts of their domain that many unrelated institutions share."""


def is_whole_sector(domain: str) -> bool:
    """Return whether unrelated institutions live right under ``domain``, as under ``edu.tr`` or ``ac.ke``: sharing it says nothing.

    A sector's word under any country's two letters counts, not a list of countries: what is missing in such a list makes all of a
    country's institutes conflict with each other.
    """
    sector, _, country = domain.partition(".")
    return sector in _SECTORS and len(country) == _COUNTRY_LETTERS

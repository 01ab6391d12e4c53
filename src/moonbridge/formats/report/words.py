"""What the report says between its tables, in English and Chinese."""

from types import MappingProxyType
from typing import Final

_WORDS: Final = MappingProxyType(
    {
        "report": ("Selection report", "遴选报告"),
        "portfolio": ("The portfolio", "入选组合"),
        "envelope": ("The envelope", "资源总额"),
        "reasons": ("A reason for each proposal", "每个提案的理由"),
        "rules": ("The rules", "规则"),
        "no-rules": ("The call has no rules beyond its limits.", "除限额外，本次征集没有其他规则。"),
        "proof": ("How to check this", "如何核查"),
        "call": ("Digest of the call (SHA-256 of its canonical form)", "征集文件摘要（规范形式的 SHA-256）"),
        "seed": ("Public seed of the draw between equals", "同分抽签的公开种子"),
        "no-seed": ("none stated", "未给出"),
        "solver": ("Computed by", "计算工具"),
        "proven": ("Proof", "证明"),
        "is-proven": (
            "proven: no portfolio that keeps all rules is worth more",
            "已证明：遵守全部规则的组合中没有更好的",
        ),
        "not-proven": ("not proven: the best found in the time given", "未证明：限定时间内找到的最佳"),
        "check": (
            "Whoever has the call can solve it again (moonbridge select) or check a signed certificate (moonbridge check).",
            "持有征集文件的任何人都可以用 moonbridge select 重新求解，或用 moonbridge check 核查签名证书。",
        ),
        "bars": ("How much of each limit is used, in percent", "各限额的使用比例（%）"),
        "bars-description": (
            "One bar for each limit, divided by proposal. The table below has the same numbers.",
            "每个限额一条，按提案分段。下表列出相同的数字。",
        ),
        "chart-description": ("The table below has the same numbers.", "下表列出相同的数字。"),
        "used": ("used, percent", "已用（%）"),
        "asked": ("asked, percent", "申请（%）"),
        "got": ("got, percent", "获得（%）"),
        "merit": ("merit", "得分"),
        "part": ("part of the draws", "抽样比例"),
    }
)
_LANGUAGES: Final = ("en", "zh")


def word(language: str, code: str) -> str:
    """Return a phrase of the report in ``language``; KeyError for an unknown code."""
    return _WORDS[code][_LANGUAGES.index(language)]

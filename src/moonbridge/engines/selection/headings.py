"""What the columns of tables are called, by stable code, in English and Chinese."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

_HEADINGS: Final = MappingProxyType(
    {
        "proposal": ("proposal", "提案"),
        "option": ("option", "方案"),
        "merit": ("merit", "得分"),
        "weight": ("weight", "权重"),
        "counts": ("counts", "计入"),
        "title": ("title", "名称"),
        "limit": ("limit", "限额"),
        "used": ("used", "已用"),
        "of": ("of", "共"),
        "change": ("change", "变化"),
        "more": ("more", "增加"),
        "in": ("in", "进入"),
        "out": ("out", "退出"),
        "portfolio": ("portfolio", "组合"),
        "partners": ("partners", "伙伴数"),
        "part": ("part", "比例"),
        "now": ("now", "现在"),
        "doubt": ("doubt", "不确定度"),
        "distance": ("distance from the line", "与界线的距离"),
        "value": ("value of knowing", "知情价值"),
        "against doubt": ("against doubt", "应对不确定"),
        "reaches": ("reaches", "达到"),
        "bound": ("none goes beyond", "任何组合的界限"),
        "if lost": ("if lost", "若退出"),
        "comes in": ("comes in", "递补"),
        "what": ("of", "项目"),
        "group": ("group", "组"),
        "asked": ("asked", "申请"),
        "got": ("got", "获得"),
        "ratio": ("got / asked", "获得 / 申请"),
        "loosemore-hanby": ("Loosemore-Hanby", "Loosemore-Hanby"),
        "gallagher": ("Gallagher", "Gallagher"),
        "sainte-lague": ("Sainte-Laguë", "Sainte-Laguë"),
        "envies": ("envies", "羡慕"),
        "then": ("then", "届时"),
        "up to one": ("vanishes without one payload", "去掉一项即消失"),
        "in proportion": ("also in proportion", "按比例仍存在"),
        "rule": ("rule", "规则"),
        "price": ("price", "代价"),
        "price part": ("part of merit", "占总得分"),
        "capacity": ("from a total of", "总量达到"),
        "added": ("added", "追加"),
        "places": ("places", "名额"),
        "mass": ("mass", "质量"),
        "power": ("power", "功率"),
        "peak power": ("peak power", "峰值功率"),
        "data": ("data", "数据"),
        "slots": ("slots", "位置"),
        "others": ("others", "其他"),
        "selected": ("selected", "入选"),
        "synthetic": ("synthetic", "虚构"),
        "yes": ("yes", "是"),
        "no": ("no", "否"),
    }
)
_LANGUAGES: Final = ("en", "zh")
_OF_A_TIER: Final = "merit in tier "


def merit_columns(tiers: Sequence[int]) -> tuple[str, ...]:
    """Return the codes of the columns that hold a merit: one, or one for each tier where several are served one after the other."""
    return ("merit",) if len(tiers) == 1 else tuple(f"{_OF_A_TIER}{tier}" for tier in tiers)


def heading(language: str, code: str) -> str:
    """Return what a column, a resource or a group is called; what has no name of ours stays as it is."""
    if code.startswith(_OF_A_TIER):
        return (code, f"第 {code.removeprefix(_OF_A_TIER)} 级得分")[_LANGUAGES.index(language)]
    return _HEADINGS[code][_LANGUAGES.index(language)] if code in _HEADINGS else code

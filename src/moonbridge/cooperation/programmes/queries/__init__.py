"""What the public pages need of the catalogue, each with a constant number of SQL queries. Everything here is public."""

from moonbridge.cooperation.programmes.queries.facts import Known, known_about
from moonbridge.cooperation.programmes.queries.figures import (
    HomeFigures,
    MissionShare,
    home_figures,
    loaded_catalogue,
    shares_by_mission,
)
from moonbridge.cooperation.programmes.queries.finding import search
from moonbridge.cooperation.programmes.queries.missions import (
    Item,
    Manifest,
    ManifestLine,
    MissionPage,
    item,
    items,
    mission_page,
    missions,
    offered_masses,
    programme_items,
    programmes,
)
from moonbridge.cooperation.programmes.queries.partners import (
    PartnerPage,
    TakingPart,
    partner_page,
    partners,
)
from moonbridge.cooperation.programmes.queries.sharing import (
    Membership,
    Samples,
    calls,
    conflicts,
    memberships,
    samples,
    sources,
    told_by,
)
from moonbridge.cooperation.programmes.queries.sites import sites
from moonbridge.cooperation.programmes.queries.things import Thing, things

__all__ = [
    "HomeFigures",
    "Item",
    "Known",
    "Manifest",
    "ManifestLine",
    "Membership",
    "MissionPage",
    "MissionShare",
    "PartnerPage",
    "Samples",
    "TakingPart",
    "Thing",
    "calls",
    "conflicts",
    "home_figures",
    "item",
    "items",
    "known_about",
    "loaded_catalogue",
    "memberships",
    "mission_page",
    "missions",
    "offered_masses",
    "partner_page",
    "partners",
    "programme_items",
    "programmes",
    "samples",
    "search",
    "shares_by_mission",
    "sites",
    "sources",
    "things",
    "told_by",
]

"""The picture of the demonstration: drawn by a program, the same each time, to scale, labelled, and shown in the catalogue."""

import re
from io import BytesIO
from math import pi
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from PIL import Image

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import Picture
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.site.demonstration import content, drawing, lending, people

(DRAWN,) = (row for row in content.read("lending/collection")["pieces"] if "drawn" in row)
GRAMS = SAMPLE_MASS.parse(DRAWN["mass"]) / 10**9


@pytest.fixture
def picture(db, settings, tmp_path: Path) -> Picture:
    files = settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path), "base_url": None}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    agency, _new = Partner.objects.get_or_create(slug="cnsa", defaults={"kind": "agency", "name": "An agency"})
    people.load(agency)
    lending.load(agency, lambda _: None)
    return Picture.objects.get()


def test_the_drawing_is_the_same_each_time_and_another_for_another_piece() -> None:
    assert drawing.draw("S1", 1.0) == drawing.draw("S1", 1.0) != drawing.draw("S2", 1.0)


def test_a_ball_of_the_drawn_diameter_weighs_what_the_piece_weighs() -> None:
    centimetres = drawing.diameter(GRAMS) / 10
    assert pi / 6 * centimetres**3 * drawing.DENSITY == pytest.approx(GRAMS, rel=1e-12)
    assert f"{drawing.diameter(GRAMS):.0f} mm across" in DRAWN["drawn"]


def test_the_scale_bar_fits_the_stone() -> None:
    """The bar's pixels, counted in the drawing, against the stone's: a disc of the stone's area is as wide as the piece, within a tenth."""
    picture = Image.open(BytesIO(drawing.draw(DRAWN["name"], GRAMS))).convert("RGB")
    row = [picture.getpixel((x, drawing.SIZE[1] - 56)) for x in range(drawing.SIZE[0])]
    bar = sum(sum(pixel) < 150 for pixel in row)
    paper = picture.getpixel((2, 2))
    stone = picture.crop((0, 100, drawing.SIZE[0], 600))
    area = sum(many for many, pixel in stone.getcolors(1 << 20) if pixel != paper)
    across = 2 * (area / pi) ** 0.5
    assert across / bar * drawing.BAR == pytest.approx(drawing.diameter(GRAMS), rel=0.1)


def test_the_catalogue_shows_it_with_words_and_says_that_it_is_synthetic(picture: Picture) -> None:
    assert (picture.split.name, picture.caption, picture.media_type) == (DRAWN["name"], DRAWN["drawn"], "image/png")
    small = reverse("sample-picture-small", args=[picture.pk])
    (shown,) = re.findall(r'<img class="thumbnail"[^>]*>', Client().get("/samples/catalogue/").content.decode())
    assert f'src="{small}"' in shown
    assert f'alt="{DRAWN["drawn"]}"' in shown
    assert DRAWN["drawn"].startswith("Synthetic drawing")
    page = Client().get(reverse("sample", args=[picture.split_id])).content.decode()
    assert "badge synthetic" in page
    assert "drawn by a program" in page
    answer = Client().get(small)
    assert Image.open(BytesIO(b"".join(answer.streaming_content))).size == (320, 240)


def test_the_house_says_how_large_a_small_picture_is() -> None:
    styles = Path(finders.find("css/components.css")).read_text()
    (rule,) = re.findall(r"\.thumbnail \{([^}]*)\}", styles)
    assert {"inline-size: 4rem", "block-size: 3rem", "object-fit: contain"} <= {one.strip() for one in rule.split(";")}

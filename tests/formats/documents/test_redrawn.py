"""Pictures come through as pixels and nothing else; Pillow itself, exiftool-like marks and hostile files judge."""

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from moonbridge.errors import InputError
from moonbridge.formats.documents.redrawn import MOST_PIXELS, redraw

SECRET = b"kept in Beijing, 39.9N"


def written(picture: Image.Image, kind: str, **options: object) -> io.BytesIO:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    target.seek(0)
    return target


def colours(width: int = 40, height: int = 30, mode: str = "RGB") -> Image.Image:
    picture = Image.new("RGB", (width, height))
    picture.putdata([(x * 5 % 256, y * 7 % 256, 90) for y in range(height) for x in range(width)])
    return picture.convert(mode)


def test_a_photograph_keeps_its_pixels_and_loses_what_the_camera_wrote() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6  # the camera was turned: the picture stands upright afterwards
    given = written(colours(), "JPEG", exif=exif, comment=SECRET, icc_profile=SECRET, quality=95)
    assert given.getvalue().count(SECRET) == 3
    found = redraw(given, "photo.jpg")
    assert (found.width, found.height, found.media_type) == (30, 40, "image/jpeg")
    assert SECRET not in found.content + found.preview
    again = Image.open(io.BytesIO(found.content))
    assert (again.format, again.size, dict(again.getexif())) == ("JPEG", (30, 40), {})
    assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    upright = colours().transpose(Image.Transpose.ROTATE_270)
    assert max(abs(a - b) for a, b in zip(again.getpixel((3, 4)), upright.getpixel((3, 4)), strict=True)) < 12
    assert found.given_sha256 == hashlib.sha256(given.getvalue()).hexdigest() != found.sha256


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1"])
def test_a_png_keeps_every_pixel(mode: str) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    picture = colours(mode=mode)
    found = redraw(written(picture, "PNG", pnginfo=texts), "section.png")
    assert SECRET not in found.content
    again = Image.open(io.BytesIO(found.content))
    assert again.info == {}
    assert again.convert("RGBA").tobytes() == picture.convert("RGBA").tobytes()


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    picture = Image.new("I;16", (2, 1))
    picture.putdata([0x8000, 0x00FF])
    again = Image.open(io.BytesIO(redraw(written(picture, "PNG"), "grey.png").content))
    assert [again.convert("L").getpixel((x, 0)) for x in (0, 1)] == [128, 0]


def test_transparency_is_white_in_the_small_picture() -> None:
    found = redraw(written(Image.new("RGBA", (800, 400), (0, 0, 0, 0)), "PNG"), "clear.png")
    small = Image.open(io.BytesIO(found.preview))
    assert (small.format, small.size) == ("JPEG", (320, 160))
    assert min(small.getpixel((5, 5))) > 250


def bomb(width: int, height: int) -> io.BytesIO:
    """A PNG of a few bytes that says that it is very large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


@pytest.mark.parametrize("side", [7_072, 40_000])
def test_a_bomb_is_refused_before_it_is_opened(side: int) -> None:
    with pytest.raises(InputError, match="more than 50 million pixels"):
        redraw(bomb(side, side), "bomb.png")
    assert side * side > MOST_PIXELS


PHOTO = written(colours(400, 300), "JPEG").getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (bomb(40, 40).getvalue(), "short.png"),  # its pixels are missing
        (PHOTO[: len(PHOTO) // 2], "cut.jpg"),
        (PHOTO[:2] + PHOTO[-2:], "empty.jpg"),
        (PHOTO, "photo.png"),
        (PHOTO + b"<script>alert(1)</script>", "photo.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg"),
        (b"name,mass\nT1,5\n", "table.csv"),
        (written(colours(), "GIF").getvalue(), "moving.gif"),
        (b"", "nothing.png"),
    ],
)
def test_what_is_no_whole_picture_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(InputError):
        redraw(io.BytesIO(content), name)

"""Files: what is kept, what is refused, and that nothing but pixels comes through."""

import asyncio
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.testing import TestClient
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from dealings.kernel.errors import Refusal
from dealings.platform.files import pictures, store
from dealings.platform.files.pictures import (
    FULL_SIDE,
    MAX_PICTURE_BYTES,
    NotAPicture,
    PictureTooLarge,
    TooManyPixels,
)
from dealings.platform.files.rendering import render
from dealings.platform.files.routes import NoSuchFile, serve_file
from dealings.platform.files.store import FolderFiles


def picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "red").save(written, kind, **how)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


# pictures


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_of_each_kind_become_webp(kind: str) -> None:
    full = opened(render(picture(kind)).full)
    assert (full.format, full.size) == ("WEBP", (40, 20))


GREY = Image.new("RGB", (8, 8), (200, 200, 200))
SEEN = {mode: GREY.convert(mode) for mode in ("RGB", "RGBA", "L", "LA", "P")}
SEEN["RGBA"].putalpha(100)
SEEN["LA"].putalpha(100)
SEEN["I;16"] = Image.new("I;16", (8, 8), 200 * 257)


@pytest.mark.parametrize("mode", list(SEEN))
def test_every_colour_mode_is_kept_as_seen(mode: str) -> None:
    written = io.BytesIO()
    SEEN[mode].save(written, "PNG")
    full = opened(render(written.getvalue()).full)
    assert full.mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")
    assert full.convert("RGB").getpixel((4, 4)) == pytest.approx((200, 200, 200), abs=4)


def test_sizes_are_made_for_what_is_wider_and_nothing_is_blown_up() -> None:
    made = render(picture(size=(1000, 500)))
    assert {width: opened(data).size for width, data in made.sized.items()} == {
        160: (160, 80),
        480: (480, 240),
        960: (960, 480),
    }
    assert render(picture(size=(160, 90))).sized == {}


def test_what_is_larger_than_any_screen_is_made_smaller() -> None:
    assert opened(render(picture("JPEG", size=(4000, 3000))).full).size == (FULL_SIDE, 1536)


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: turn by 90 degrees
    assert opened(render(picture("JPEG", exif=exif)).full).size == (20, 40)


def test_only_pixels_are_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    comment = PngInfo()
    comment.add_text("Comment", "<script>alert(1)</script>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (picture("JPEG", exif=exif, icc_profile=profile), picture(pnginfo=comment), picture() + b"<script>"):
        made = render(data).full
        assert not any(secret in made for secret in (b"SecretCamera", b"script", b"EXIF", b"ICCP", b"XMP"))
        assert opened(made).getexif() == {}


def test_colours_of_a_wide_profile_are_converted() -> None:
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    assert opened(render(picture("PNG", icc_profile=wide)).full).mode == "RGB"
    assert opened(render(picture("PNG", icc_profile=b"broken")).full).getpixel((1, 1)) == pytest.approx(
        (254, 0, 0), abs=3
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", SVG, b"\x89PNG\r\n\x1a\n", picture()[:60], picture("JPEG")[:200], picture("BMP"), picture("TIFF")],
)
def test_what_is_no_picture_of_the_four_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        render(data)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_picture_whose_exif_is_broken_is_shown_as_it_stands(kind: str) -> None:
    exif, rng = Image.Exif(), Random(1)
    exif[0x0112], exif[0x8769], exif[0x8825] = 6, {0x9003: "2020"}, {1: "N", 2: (1.0, 2.0, 3.0)}
    whole = picture(kind, exif=exif)
    block = whole.index(b"MM\0*") + 8
    for _ in range(120):
        data = bytearray(whole)
        for _ in range(3):
            data[block + rng.randrange(90)] = rng.choice((0, 1, 2, 3, 4, 5, 7, 10, 12, 255))
        assert sorted(opened(render(bytes(data)).full).size) == [20, 40]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_whatever_is_broken_is_a_picture_or_none(kind: str) -> None:
    whole, rng = picture(kind), Random(2)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 5)):
            data[rng.randrange(len(data))] = rng.choice((0, 1, 127, 128, 255))
        with suppress(NotAPicture, TooManyPixels):
            render(bytes(data))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureTooLarge, match="12 MB"):
        render(b"\0" * (MAX_PICTURE_BYTES + 1))


def test_a_decompression_bomb_is_refused_before_it_is_opened() -> None:
    bomb = picture("PNG", size=(20_000, 10_000), mode="1")
    assert len(bomb) < 100_000
    with pytest.raises(TooManyPixels, match="50 megapixels"):
        render(bomb)


def test_refusals_of_one_family_have_codes_of_their_own() -> None:
    kinds: list[type[Refusal]] = [PictureTooLarge, TooManyPixels, NotAPicture, NoSuchFile]
    assert len({kind.code for kind in kinds}) == len(kinds)


# the store


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files")


def kept(files: FolderFiles, data: bytes) -> str:
    return asyncio.run(store.keep_picture(files, data))


def test_a_name_is_the_hash_of_the_picture(files: FolderFiles, tmp_path: Path) -> None:
    name = kept(files, picture())
    assert store.is_name(name)
    assert kept(files, picture()) == name
    assert kept(files, picture(size=(41, 20))) != name
    assert (tmp_path / "files" / name[:2] / name[2:]).exists()
    assert not list((tmp_path / "files").rglob(".*"))


def test_what_was_put_is_got(files: FolderFiles) -> None:
    name = kept(files, picture())
    assert asyncio.run(files.get(name)) == render(picture()).full
    assert asyncio.run(files.get("0" * 40 + ".webp")) is None


TRAVERSALS = ["../secret.txt", "..", "", "/etc/passwd", "ab/../../x", "0" * 40, "0" * 40 + ".png", "\0", "x" * 5_000]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_name_leads_out_of_the_folder(files: FolderFiles, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    assert asyncio.run(files.get(name)) is None
    assert asyncio.run(store.find_picture(files, name, width=160)) is None


# GET /files/{name}


def answer_refusal(_: Request[Any, Any, Any], refusal: Refusal) -> Response[str]:
    return Response(refusal.code, status_code=404)


@pytest.fixture
def client(files: FolderFiles) -> Iterator[TestClient[Litestar]]:
    app = Litestar(
        [serve_file],
        dependencies={"files": Provide(lambda: files, sync_to_thread=False)},
        exception_handlers={Refusal: answer_refusal},
    )
    with TestClient(app) as made:
        yield made


def test_a_picture_is_served_for_ever_and_as_nothing_else(client: TestClient[Litestar], files: FolderFiles) -> None:
    response = client.get(f"/files/{kept(files, picture())}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "width"), [(160, 160), (100, 160), (161, 480), (960, 960), (961, 1000), (None, 1000)]
)
def test_the_smallest_size_that_fills_is_served(
    client: TestClient[Litestar], files: FolderFiles, wanted: int | None, width: int
) -> None:
    name = kept(files, picture(size=(1000, 500)))
    response = client.get(f"/files/{name}", params={"w": wanted} if wanted else {})
    assert opened(response.content).width == width


@pytest.mark.parametrize("path", ["%2e%2e%2fsecret.txt", "..%5csecret.txt", "0" * 40 + ".webp", "x.webp"])
def test_unknown_files_are_missing(client: TestClient[Litestar], path: str) -> None:
    response = client.get(f"/files/{path}")
    assert response.status_code == 404
    assert b"secret" not in response.content


def test_a_width_that_is_none_is_refused(client: TestClient[Litestar], files: FolderFiles) -> None:
    assert client.get(f"/files/{kept(files, picture())}?w=-1").status_code == 400


def test_limits_fit_each_other() -> None:
    assert max(pictures.SIZES) < FULL_SIDE

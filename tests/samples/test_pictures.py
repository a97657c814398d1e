"""The demo's pictures: all there, all different, the same on every run."""

import io

import pytest
from PIL import Image, ImageStat

from dealings.samples import pictures


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return dict(pictures.everything())


def test_every_picture_is_its_own(drawn: dict[str, bytes]) -> None:
    assert len(set(drawn.values())) == len(drawn) >= 70


def test_pictures_have_the_size_that_cards_and_avatars_need(drawn: dict[str, bytes]) -> None:
    for path, data in drawn.items():
        size = Image.open(io.BytesIO(data)).size
        assert size == ((960, 720) if path.startswith("products/") else (320, 320)), path
        assert len(data) < 150_000, path


def test_no_picture_is_a_grey_box(drawn: dict[str, bytes]) -> None:
    for path, data in drawn.items():
        image = Image.open(io.BytesIO(data)).convert("HSV")
        _, saturation, value = ImageStat.Stat(image).stddev
        assert saturation + value > 12, path


def test_a_picture_drawn_again_is_the_same(drawn: dict[str, bytes]) -> None:
    for name in ("longjing", "shou-puer-loose", "lychees", "walden"):
        assert pictures.product_picture(name) == drawn[f"products/{name}.jpg"]

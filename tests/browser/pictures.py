"""Screenshots small enough for a repository."""

import io
from pathlib import Path

from PIL import Image

COLOURS = 256
GAP = 24
BETWEEN = "#ece7e0"


def save_png(shot: bytes, path: Path) -> None:
    """Reduced to a palette, which text and flat colour don't show."""
    _save(Image.open(io.BytesIO(shot)).convert("RGB"), path)


def save_pair(desk: bytes, phone: bytes, path: Path) -> None:
    """The desk and the phone side by side, equally high."""
    large, small = (Image.open(io.BytesIO(shot)).convert("RGB") for shot in (desk, phone))
    small = small.resize((small.width * large.height // small.height, large.height), Image.Resampling.LANCZOS)
    both = Image.new("RGB", (large.width + GAP + small.width + 2 * GAP, large.height + 2 * GAP), BETWEEN)
    both.paste(large, (GAP, GAP))
    both.paste(small, (GAP + large.width + GAP, GAP))
    _save(both, path)


def _save(image: Image.Image, path: Path) -> None:
    small = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)
    path.parent.mkdir(parents=True, exist_ok=True)
    small.save(path, optimize=True)

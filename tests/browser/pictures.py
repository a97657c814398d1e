"""Screenshots small enough for a repository."""

import io
from pathlib import Path

from PIL import Image

COLOURS = 256


def save_png(shot: bytes, path: Path) -> None:
    """Reduced to a palette, which text and flat colour don't show."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    small = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)
    path.parent.mkdir(parents=True, exist_ok=True)
    small.save(path, optimize=True)

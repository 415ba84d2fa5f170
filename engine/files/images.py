"""Writing images anew: what is stored was encoded here, so that nothing but the picture survives."""

import io
import warnings

from PIL import Image, ImageOps

from engine.files.refusal import Refused

MAX_PIXELS = 40_000_000  # an A4 sheet at 600 dpi has 35 million
_QUALITY = 92


def rewrite_image(data: bytes, kind: str) -> bytes:
    """Decode ``data`` ("png" or "jpg") and return it encoded again.

    Drops EXIF with its place and device, comments, colour profiles, further frames, and whatever hangs behind the
    picture. The orientation that a camera keeps in EXIF is applied first: photographed documents would otherwise lie on
    their side.
    """
    wanted = "PNG" if kind == "png" else "JPEG"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # asked below, with a limit of our own
            opened = Image.open(io.BytesIO(data), formats=[wanted])
            if opened.width * opened.height > MAX_PIXELS:
                raise _too_many_pixels()
            opened.load()
            picture = _plain(ImageOps.exif_transpose(opened), wanted)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, MemoryError) as error:
        # Pillow has no common base for what broken files cause.
        raise Refused(
            "broken", "图片已损坏，请重新扫描或拍摄。", f"The image is damaged ({type(error).__name__})."
        ) from error
    picture.info = {}
    out = io.BytesIO()
    picture.save(out, wanted, **({"quality": _QUALITY} if wanted == "JPEG" else {}))
    return out.getvalue()


def _plain(picture: Image.Image, wanted: str) -> Image.Image:
    """Return the picture in a mode that needs no side information."""
    if wanted == "JPEG":
        return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
    if "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.copy()


def _too_many_pixels() -> Refused:
    return Refused(
        "too-many-pixels",
        f"图片超过 {MAX_PIXELS // 10_000} 万像素，请降低分辨率。",
        f"The image has more than {MAX_PIXELS // 1_000_000} million pixels; lower the resolution.",
    )

"""A photo as we keep it: decoded and encoded again, so that nothing but the picture is left. Pure."""

import io
import struct
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from threenos_server.errors import Invalid

#: A phone's picture fits; a small file that unpacks to gigabytes does not.
MAX_PIXELS = 40_000_000
#: A progressive JPEG has some ten. Each goes over the whole picture, and takes ten bytes of the file: without a limit
#: one upload could keep a processor busy for hours.
MAX_SCANS = 100
MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY = 85
#: What the decoders raise for damaged files, and the readers of EXIF for damaged EXIF.
_DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, EOFError, struct.error
)  # fmt: skip
_JPEG, _SCAN = b"\xff\xd8\xff", b"\xff\xda"
#: The largest takes 300 MB while it is worked on; more than these wait.
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    data: bytes


def clean(raw: bytes) -> Picture:
    """The picture in `raw` (JPEG, PNG or WebP by its content) without EXIF or any other passenger, turned upright.

    Raises Invalid for anything else, and for one with too many pixels or scans.
    """
    if raw.startswith(_JPEG) and raw.count(_SCAN) > MAX_SCANS:
        raise Invalid(f"a JPEG may have {MAX_SCANS} scans")
    with _AT_ONCE:
        media_type, pixels = _decoded(raw)
        out = io.BytesIO()
        form = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}[media_type]
        pixels.save(out, form, quality=_QUALITY)
    return Picture(media_type, out.getvalue())


def _decoded(raw: bytes) -> tuple[str, Image.Image]:
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid(f"a photo may have {MAX_PIXELS // 1_000_000} million pixels")
            media_type = MEDIA_TYPES[image.format or ""]
            # Orders the decoding; what it says in EXIF is read before `info` is emptied.
            upright = ImageOps.exif_transpose(image)
        mode = "RGBA" if media_type != "image/jpeg" and upright.has_transparency_data else "RGB"
        pixels = upright.convert(mode)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise Invalid("this is no JPEG, PNG or WebP picture, or far too large a one") from e
    except _DAMAGED as e:
        raise Invalid(f"the picture is damaged: {e}") from e
    # EXIF, comments and colour profile stand in `info`, from where they would be written again.
    pixels.info.clear()
    return media_type, pixels

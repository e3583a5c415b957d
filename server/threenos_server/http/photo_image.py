"""A photo as we keep it: decoded and encoded again, so that nothing but the picture is left. Pure."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from threenos_server.errors import Invalid

#: A phone's picture fits; a small file that unpacks to gigabytes does not.
MAX_PIXELS = 40_000_000
MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    data: bytes


def clean(raw: bytes) -> Picture:
    """The picture in `raw` (JPEG, PNG or WebP by its content) without EXIF or any other passenger, turned upright.

    Raises Invalid for anything else, and for one with too many pixels.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Invalid(f"a photo may have {MAX_PIXELS // 1_000_000} million pixels")
            media_type = MEDIA_TYPES[image.format or ""]
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if media_type != "image/jpeg" and upright.has_transparency_data else "RGB"
            pixels = upright.convert(mode)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise Invalid("this is no JPEG, PNG or WebP picture, or far too large a one") from e
    except (OSError, SyntaxError, ValueError, KeyError) as e:  # what the decoders raise for damaged files
        raise Invalid(f"the picture is damaged: {e}") from e
    # A new image: `info` of the old one (EXIF, comments, colour profile) stays behind.
    bare = Image.frombytes(mode, pixels.size, pixels.tobytes())
    out = io.BytesIO()
    bare.save(out, {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}[media_type], quality=_QUALITY)
    return Picture(media_type, out.getvalue())

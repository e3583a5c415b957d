"""Pictures that are none, that carry passengers, or that unpack to more than a machine has."""

import io
import struct
import zlib
from functools import cache

from PIL import Image

SECRET = b"<script>window.broken=1</script>"


def made(form: str, size: tuple[int, int] = (8, 6), **how: object) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, **how)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of PNG with a true checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of one bit a pixel that says this size."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def scans(count: int, size: tuple[int, int] = (64, 64)) -> bytes:
    """A progressive JPEG whose last scan is there so many times more; each costs a pass over the picture."""
    jpeg = made("JPEG", size, progressive=True)
    last = jpeg[jpeg.rfind(b"\xff\xda") : -2]
    return jpeg[:-2] + last * count + jpeg[-2:]


@cache
def refused() -> dict[str, bytes]:
    """None of these is kept."""
    jpeg, whole = made("JPEG"), made("PNG")
    return {
        "nothing": b"",
        "a page": b"<!doctype html>" + SECRET,
        "a vector": b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.broken=1'/>",
        "a GIF": made("GIF"),
        "a TIFF": made("TIFF"),
        "a BMP": made("BMP"),
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(/etc/passwd) (r) file\n",
        "only the head of a JPEG": b"\xff\xd8\xff\xe0",
        "a JPEG cut off": jpeg[: len(jpeg) // 2],
        "a PNG cut off": whole[: len(whole) // 2],
        "a WebP cut off": made("WEBP")[:20],
        "a PNG with a wrong checksum": whole[:20] + b"\x01" + whole[21:],
        "a PNG of 4 thousand million pixels": png(65_535, 65_535, chunk(b"IDAT", zlib.compress(b"\0" * 1000))),
        "a PNG of 41 million pixels": png(6404, 6404, chunk(b"IDAT", zlib.compress(b"\0" * 802 * 6404, 9))),
        "a PNG without size": png(0, 0, chunk(b"IDAT", zlib.compress(b""))),
        "a bomb in a text of a PNG": png(
            8,
            8,
            chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 80_000_000, 9)),
            chunk(b"IDAT", zlib.compress(b"\0" * 16)),
        ),
        "a thousand scans": scans(1000),
    }


@cache
def carriers() -> dict[str, bytes]:
    """These are pictures, and what they carry besides is not kept."""
    jpeg, whole, webp = made("JPEG"), made("PNG"), made("WEBP")
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET.decode(), 6
    return {
        "a page behind a JPEG": jpeg + SECRET,
        "an archive behind a PNG": whole + b"PK\x03\x04" + SECRET,
        "a page behind a WebP": webp + SECRET,
        "a JPEG with a comment": jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(SECRET) + 2) + SECRET + jpeg[2:],
        "a JPEG with EXIF": made("JPEG", exif=exif),
        "a JPEG with a profile": made("JPEG", icc_profile=SECRET),
        "a PNG with a text": whole[:33] + chunk(b"tEXt", b"a\0" + SECRET) + whole[33:],
        "a PNG with a chunk of its own": whole[:33] + chunk(b"heXp", SECRET) + whole[33:],
        "a WebP with EXIF": made("WEBP", exif=exif),
    }

"""Images as callers have them, and the bodies in which they travel."""

import json
import os
import uuid
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final, Union

_PIECE: Final = 256 * 1024
"""Bytes that are read from a file at a time."""


@dataclass(frozen=True, slots=True)
class ImageUrl:
    """The https address of an image, which the service fetches; of a host that it lists."""

    url: str


Image = Union[bytes, bytearray, memoryview, str, "os.PathLike[str]", ImageUrl]
"""An encoded image (JPEG, PNG, WebP, AVIF or GIF), the path of its file, or an `ImageUrl`."""

NamedImage = Union[Image, tuple[str, Image]]
"""One image of many; `(name, image)` gives its line another name than that of its file."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request. It can be sent several times."""

    content_type: str
    parts: tuple[bytes | Path, ...]
    """Files are read from disk as they are sent."""
    length: int
    """Bytes in all."""

    def pieces(self) -> Generator[bytes, None, None]:
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
                continue
            with part.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece


def one_image(image: Image) -> Body:
    """A body for `POST /v1/classify`."""
    if isinstance(image, ImageUrl):
        return _body("application/json", [json.dumps({"url": image.url}).encode()])
    return _body("application/octet-stream", [_part(image)])


def many_images(images: Iterable[NamedImage]) -> Body:
    """A body for `POST /v1/batch` and `POST /v1/jobs`. Raises `ValueError` for a mixture."""
    named = [_named(image) for image in images]
    urls = [(name, image) for name, image in named if isinstance(image, ImageUrl)]
    if not urls:
        return _form(named)
    if len(urls) < len(named):
        raise ValueError("Some images are URLs and some are not: send them as two batches.")
    lines = [{"url": image.url, **({} if name is None else {"name": name})} for name, image in urls]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    return _body("application/x-ndjson", [text.encode()])


def _named(image: NamedImage) -> tuple[str | None, Image]:
    if isinstance(image, tuple):
        return image
    if isinstance(image, (str, os.PathLike)):
        return os.path.basename(image), image
    return None, image


def _form(images: Iterable[tuple[str | None, Image]]) -> Body:
    """multipart/form-data (RFC 7578)."""
    boundary = f"hebb-{uuid.uuid4().hex}"
    parts: list[bytes | Path] = []
    for name, image in images:
        disposition = 'form-data; name="image"'
        if name is not None:
            disposition += f'; filename="{_escaped(name)}"'
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n"
        parts += [head.encode(), _part(image), b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return _body(f"multipart/form-data; boundary={boundary}", parts)


def _escaped(name: str) -> str:
    """As browsers escape file names (HTML standard, "multipart/form-data encoding algorithm")."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _part(image: Image) -> bytes | Path:
    if isinstance(image, ImageUrl):
        raise ValueError("A URL cannot travel in a form.")
    if isinstance(image, (str, os.PathLike)):
        if str(image).startswith(("http://", "https://")):
            raise ValueError(f"{image} is taken for a path: write ImageUrl({str(image)!r}).")
        return Path(image)
    return bytes(image)


def _body(content_type: str, parts: list[bytes | Path]) -> Body:
    return Body(content_type, tuple(parts), sum(_length(part) for part in parts))


def _length(part: bytes | Path) -> int:
    """Raises `OSError` before anything is sent when a file is not there."""
    if isinstance(part, bytes):
        return len(part)
    status = part.stat()
    if not S_ISREG(status.st_mode):
        raise ValueError(f"{part} is no regular file.")
    return status.st_size

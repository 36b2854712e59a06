"""
Writes files.ts beside this: small HEIC files for the tests, by libheif and x265.
pip install pillow-heif==1.8.1 && python make.py
"""

import base64
import io
import pathlib
import struct

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def picture(width, height):
    """As `picture` of heic.test.ts."""
    y, x = np.mgrid[0:height, 0:width]
    w, h = width - 1, height - 1
    red, green, blue = 255 * x // w, 255 * y // h, 255 - 255 * x * y // (w * h)
    return np.stack([red, green, blue], -1).astype(np.uint8)


def matrix(primaries):
    """Linear RGB of these primaries, white D65, to XYZ."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([0.3127 / 0.329, 1, (1 - 0.3127 - 0.329) / 0.329])
    return columns * np.linalg.solve(columns, white)


SRGB = matrix([(0.64, 0.33), (0.3, 0.6), (0.15, 0.06)])
DISPLAY_P3 = matrix([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)])
TO_D50 = np.array([
    [1.0479298, 0.0229468, -0.0501922],
    [0.0296278, 0.9904345, -0.0170738],
    [-0.0092430, 0.0150552, 0.7518743],
])


def in_display_p3(srgb):
    c = srgb / 255
    light = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    light = np.clip(light @ (np.linalg.inv(DISPLAY_P3) @ SRGB).T, 0, 1)
    c = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(c * 255).astype(np.uint8)


def fixed(*values):
    return b''.join(struct.pack('>i', round(v * 65536)) for v in values)


def display_p3_profile():
    colorants = (TO_D50 @ DISPLAY_P3).T
    data = [b'XYZ ' + bytes(4) + fixed(*c) for c in colorants]
    data.append(b'para' + bytes(4) + struct.pack('>HH', 3, 0)
                + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    at = 132 + 6 * 12
    places = []
    for part in data:
        places.append((at, len(part)))
        at += len(part)
    tags = [b'rXYZ', b'gXYZ', b'bXYZ', b'rTRC', b'gTRC', b'bTRC']
    table = b''.join(tag + struct.pack('>II', *places[min(i, 3)]) for i, tag in enumerate(tags))
    header = struct.pack('>I4sI4s4s4s', at, bytes(4), 0x04000000, b'mntr', b'RGB ', b'XYZ ')
    header += bytes(12) + b'acsp' + bytes(28) + fixed(0.9642, 1, 0.8249)
    return header.ljust(128, b'\0') + struct.pack('>I', 6) + table + b''.join(data)


def encoded(image, **options):
    heif = pillow_heif.from_pillow(image) if isinstance(image, Image.Image) else image
    file = io.BytesIO()
    heif.save(file, quality=90, **options)
    return file.getvalue()


def turned(orientation):
    """With 'irot' and 'imir' for this orientation of EXIF."""
    image = Image.fromarray(picture(96, 64))
    exif = Image.Exif()
    exif[0x112] = orientation
    image.info['exif'] = exif.tobytes()
    file = io.BytesIO()
    image.save(file, format='HEIF', quality=90)
    return file.getvalue()


plain = Image.fromarray(picture(96, 64))
alpha = np.tile(255 * np.arange(96) // 95, (64, 1)).astype(np.uint8)
p3 = Image.fromarray(in_display_p3(picture(96, 64)))
p3_with_profile = p3.copy()
p3_with_profile.info['icc_profile'] = display_p3_profile()
deep = picture(96, 64).astype(np.uint16) * 257

FILES = {
    'plain': encoded(plain),
    'turned': turned(6),
    'mirrored': turned(5),
    'alpha': encoded(Image.fromarray(np.dstack([picture(96, 64), alpha]))),
    'displayP3': encoded(p3_with_profile, chroma=444),
    'nclxP3': encoded(p3, chroma=444, color_primaries=12, transfer_characteristic=13),
    'grid': encoded(Image.fromarray(picture(160, 96)), tile_size=64),
    'large': encoded(Image.new('RGB', (2048, 1536), (200, 120, 40))),
    'deep': encoded(pillow_heif.from_bytes('RGB;16', (96, 64), deep.tobytes())),
}

lines = ['/** HEIC files, by make.py: libheif and x265, which no package for Node has. Base64. */']
lines.append('export const HEIC_FILES = {')
for name, file in FILES.items():
    text = base64.b64encode(file).decode()
    parts = [text[at:at + 88] for at in range(0, len(text), 88)]
    lines.append(f'  {name}:\n    ' + " +\n    ".join(f"'{part}'" for part in parts) + ',')
lines.append('} as const;')
pathlib.Path(__file__).with_name('files.ts').write_text('\n'.join(lines) + '\n')

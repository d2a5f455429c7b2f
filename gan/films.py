"""Films and sequences of pictures as files, written picture by picture: a film of any length needs the memory of a few.

MP4 is H.264 in YUV 4:2:0 as browsers and phones play it; GIF has its own 256 colours in each picture.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from PIL import Image
from PIL.GifImagePlugin import getdata

from gan.errors import UserError
from gan.files import atomic_path
from gan.images import Bytes, encode_png, enlarge, on_ground, to_pillow

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Quality = Literal["good", "best", "small"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
MAX_SIDE = 4096
"""Of a picture of a film, in pixels; players stumble over larger ones."""
MAX_GIF_FPS = 50
"""A GIF counts in hundredths of a second, and viewers slow down what stays for less than two."""
ENCODERS = ("libx264", "libopenh264", "mpeg4")
"""The first that this build of FFmpeg has; x264 is in every wheel of PyAV that was looked at."""
_CRF: dict[str, int] = {"small": 28, "good": 20, "best": 12}
_BITS: dict[str, float] = {"small": 0.1, "good": 0.25, "best": 0.6}  # a pixel, for encoders without a constant quality
_BT709 = 1  # FFmpeg's number for it, as space, primaries and transfer; 1 is also the limited range


def sized(picture: Bytes, scale: int, smooth: bool = False) -> Bytes:
    """(H, W, 1, 3 or 4) -> (scale H, scale W, 3): what is transparent becomes white.

    Args:
        scale: 1 or more.
        smooth: interpolate between pixels, instead of showing them as squares.

    Raises:
        UserError: it would be larger than :data:`MAX_SIDE`.
    """
    if scale * max(picture.shape[:2]) > MAX_SIDE:
        size = f"{scale * picture.shape[1]} x {scale * picture.shape[0]}"
        raise UserError(f"The film would be {size} pixels; {MAX_SIDE} is the most.", "Choose a smaller size.")
    rgb = _opaque(picture)
    if not smooth or scale == 1:
        return enlarge(rgb, scale)
    large = to_pillow(rgb).resize((rgb.shape[1] * scale, rgb.shape[0] * scale), Image.Resampling.BICUBIC)
    return np.asarray(large)


def write_mp4(path: Path, pictures: Iterable[Bytes], fps: int, quality: Quality = "good") -> str:
    """Write (H, W, 3) pictures of one size as a film, atomically. An odd row or column is doubled: H.264 wants pairs.

    Returns:
        The encoder that was used, one of :data:`ENCODERS`.

    Raises:
        UserError: there is no picture, no encoder, or the file cannot be written.
    """
    import av  # 40 MB of libraries: only once a film is really written

    first, pictures = _begun(pictures)
    height, width = (side + side % 2 for side in first.shape[:2])
    with atomic_path(path) as temporary:
        try:
            with av.open(str(temporary), "w", format="mp4", options={"movflags": "faststart"}) as film:
                stream, name = _stream(film, fps, width, height, quality)
                for number, picture in enumerate(pictures):
                    frame = av.VideoFrame.from_ndarray(_even(picture), format="rgb24")
                    frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
                    frame.pts, frame.time_base = number, Fraction(1, fps)
                    film.mux(stream.encode(frame))
                film.mux(stream.encode(None))
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise  # no room, no right: said by atomic_path
            raise UserError(f"The film could not be encoded: {error.strerror or error}.", "Export a GIF.") from error
    return name


def write_gif(path: Path, pictures: Iterable[Bytes], fps: int) -> None:
    """Write (H, W, 3) pictures of one size as a GIF that repeats for ever, atomically.

    Args:
        fps: 1 to :data:`MAX_GIF_FPS`.

    Raises:
        UserError: there is no picture, or the file cannot be written.
    """
    first, pictures = _begun(pictures)
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        file.write(b"GIF89a" + struct.pack("<HH", first.shape[1], first.shape[0]) + bytes([0x70, 0, 0]))
        file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")  # for ever
        for number, picture in enumerate(pictures):
            hundredths = round(100 * (number + 1) / fps) - round(100 * number / fps)
            indexed = Image.fromarray(picture).quantize(256, Image.Quantize.MEDIANCUT)
            for part in getdata(indexed, duration=10 * hundredths, include_color_table=True):
                file.write(part)
        file.write(b";")


def write_pngs(folder: Path, pictures: Iterable[tuple[Bytes, dict[str, dict[str, Any]]]]) -> int:
    """Write (H, W, C) pictures and their text chunks as ``00000.png`` ... into a new folder, all or none.

    Returns:
        How many.

    Raises:
        UserError: there is something in the folder already, or it cannot be written.
    """
    folder = Path(folder)
    temporary: Path | None = None
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder.name} is there already and not empty.", "Choose another name for the folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        count = 0
        for picture, chunks in pictures:
            (temporary / f"{count:05d}.png").write_bytes(encode_png(picture, chunks))
            count += 1
        if folder.exists():
            folder.rmdir()  # an empty one; Windows would not replace it
        temporary.chmod(0o755)
        temporary.replace(folder)
        return count
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{folder} cannot be written: {reason}.", "Choose another place or free some space.") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _stream(film: Any, fps: int, width: int, height: int, quality: Quality) -> tuple[VideoStream, str]:
    import av

    for name in ENCODERS:
        try:
            av.Codec(name, "w")
        except av.codec.codec.UnknownCodecError:
            continue
        options = {"crf": str(_CRF[quality]), "preset": "medium", "rc-lookahead": "10"} if name == "libx264" else {}
        stream: VideoStream = film.add_stream(name, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.thread_count = 1  # each thread keeps pictures in hand
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = _BT709
        if name != "libx264":
            stream.bit_rate = max(200_000, round(_BITS[quality] * width * height * fps))
        return stream, name
    raise UserError("This installation of PyAV cannot encode films.", "Export a GIF or PNG pictures.")


def _begun(pictures: Iterable[Bytes]) -> tuple[Bytes, Iterator[Bytes]]:
    """The first picture, and all of them."""
    rest = iter(pictures)
    first = next(rest, None)
    if first is None:
        raise UserError("There is no picture to write.")
    return first, chain([first], rest)


def _even(picture: Bytes) -> Bytes:
    height, width = picture.shape[:2]
    if height % 2 or width % 2:
        picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    return np.ascontiguousarray(picture)


def _opaque(picture: Bytes) -> Bytes:
    """(H, W, 1, 3 or 4) -> (H, W, 3), on white."""
    if picture.shape[2] == 4:
        return on_ground(picture)
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))

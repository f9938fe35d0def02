"""Video files, translated frame by frame."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Callable

import numpy as np

from keras_gan_translate.support.files import written_aside
from keras_gan_translate.support.types import Path

# Containers that keep what was translated; the others become MP4.
KEPT_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm")
SUFFIXES = (*KEPT_SUFFIXES, ".avi", ".mpg", ".mpeg", ".wmv", ".3gp", ".mts")
# Encoder and its options, at a quality that eyes do not tell from lossless.
H264 = ("libx264", {"crf": "18"})
VP9 = ("libvpx-vp9", {"crf": "24", "b": "0", "row-mt": "1", "cpu-used": "4"})
BT709, UNSPECIFIED, LIMITED = 1, 2, 1  # FFmpeg's numbers
SLACK = 1.0  # seconds by which a whole file may end early
REPAIR = "`ffmpeg -i FILE repaired.mp4` keeps what can be read."
HD_ROWS = 720  # from here on, what does not tell its colour matrix has BT.709


def is_video_name(name: Path) -> bool:
    """Whether a file name has the suffix of a video format."""
    return pathlib.Path(name).suffix.lower() in SUFFIXES


def output_name(name: Path) -> pathlib.Path:
    """The name a translated video gets: its suffix is kept or becomes .mp4."""
    name = pathlib.Path(name)
    if name.suffix.lower() in KEPT_SUFFIXES:
        return name
    return name.with_suffix(".mp4")


def translate_video(
    translate: Callable[[np.ndarray], np.ndarray],
    source: Path,
    target: Path,
    on_frame: Callable[[int, int | None], None] | None = None,
) -> int:
    """Translates a video file; sound, frame rate and time stamps are kept.

    Sound is copied as it is where the target's container takes it, and
    encoded anew where not. Frames are turned upright before they are
    translated. H.264 (VP9 in .webm) has even sides only: an odd side gets its
    last row or column twice. Subtitles and metadata are left out. The target
    is written aside and renamed: whatever happens, no half of it is left.

    Args:
        translate: function from a frame, uint8 (H, W, 3), to an image, uint8
            (H', W', 3) of one size, e.g. `model.translate`.
        source: path of a video file.
        target: path of the file to write; its suffix, one of `KEPT_SUFFIXES`,
            chooses the container.
        on_frame: function of (frames done, frames in all, None where the file
            does not tell), called after each.

    Returns:
        Number of frames.

    Raises:
        ImportError: PyAV is missing; says how to get it.
        ValueError: the source is no video or damaged, or the target cannot be
            written; its suffix may be none of these.

    Example:
        translate_video(model.translate, "clip.mp4", "anime.mp4")
        blond = functools.partial(model.translate, domain="blond")
        translate_video(blond, "clip.mp4", "blond.mp4")
    """
    suffix = pathlib.Path(target).suffix.lower()
    if suffix not in KEPT_SUFFIXES:
        raise ValueError(
            f"Videos are written as {', '.join(KEPT_SUFFIXES)}. Received: "
            f"'{target}'."
        )
    av = _pyav()
    with _open(av, source) as reader:
        video = _video_stream(reader, source)
        # Without those of a kind that FFmpeg does not know.
        sounds = [s for s in reader.streams.audio if s.codec_context]
        with (
            _explained(av, f"'{target}' cannot be written"),
            written_aside(target) as aside,
            av.open(str(aside), "w") as writer,
        ):
            output = _Output(av, writer, video, sounds, suffix)
            for frame in _frames(av, reader, video, sounds, output, source):
                output.add(translate(_upright(frame)), frame)
                if on_frame:
                    on_frame(output.count, video.frames or None)
            if not output.count:
                raise ValueError(f"'{source}' holds no frame of a video.")
            output.finish()
    return output.count


def _open(av, source):
    # Absolute: FFmpeg would take "http:..." for an address.
    path = pathlib.Path(source).absolute()
    with _explained(av, f"'{source}' cannot be read as a video"):
        return av.open(str(path), metadata_errors="replace")


def _frames(av, reader, video, sounds, output, source):
    """Decodes the frames; sound goes to the output as it comes."""
    end = start = (reader.start_time or 0) / av.time_base  # seconds
    try:
        # An empty packet, the last of each stream, drains its decoder.
        for packet in reader.demux(video, *sounds):
            if packet.pts is not None:
                past = packet.pts + (packet.duration or 0)
                end = max(end, float(past * packet.time_base))
            if packet.stream is video:
                yield from packet.decode()
            else:
                output.add_sound(packet)
    except av.FFmpegError as error:
        raise ValueError(
            f"'{source}' is damaged after frame {output.count} "
            f"({error.strerror}). {REPAIR}"
        ) from error
    duration = (reader.duration or 0) / av.time_base
    if end - start < duration - SLACK:
        raise ValueError(
            f"'{source}' breaks off after {end - start:.1f} of "
            f"{duration:.1f} seconds. {REPAIR}"
        )


class _Output:
    """The file that is written.

    Args:
        av: the module.
        writer: an open container.
        video: the stream that is translated.
        sounds: the streams of sound.
        suffix: of the container.
    """

    def __init__(self, av, writer, video, sounds, suffix):
        self._av, self._writer, self._video = av, writer, video
        self.count, self._last, self._waiting = 0, None, []
        codec, options = VP9 if suffix == ".webm" else H264
        self._rate = video.average_rate or video.guessed_rate or 25
        self._stream = writer.add_stream(
            codec, rate=self._rate, options=options
        )
        self._sounds = {
            sound.index: _Sound(av, writer, sound, suffix) for sound in sounds
        }

    def add(self, image, frame):
        """Encodes an image in the place of a frame."""
        height, width = image.shape[:2]
        even = ((0, height % 2), (0, width % 2), (0, 0))
        image = np.pad(image, even, "edge")
        if not self.count:
            self._begin(image, frame)
        pts = frame.pts
        if pts is None:  # as in streams without a container
            pts = round(self.count / self._rate / self._video.time_base)
        if self._last is not None:
            pts = max(pts, self._last + 1)
        self.count, self._last = self.count + 1, pts
        encoded = self._av.VideoFrame.from_ndarray(image).reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        encoded.pts, encoded.time_base = pts, self._video.time_base
        self._writer.mux(self._stream.encode(encoded))
        for packet in self._waiting:
            self._writer.mux(packet)
        self._waiting = []

    def add_sound(self, packet):
        """Writes a packet of sound."""
        packets = self._sounds[packet.stream.index].packets(packet)
        if self.count:
            self._writer.mux(packets)
        else:  # the header needs the size of an image
            self._waiting += packets

    def finish(self):
        """Writes what the encoders still hold."""
        self._writer.mux(self._stream.encode())
        for sound in self._sounds.values():
            self._writer.mux(sound.rest())

    def _begin(self, image, frame):
        context = self._stream.codec_context
        context.height, context.width = image.shape[:2]
        context.pix_fmt = "yuv420p"
        context.time_base = self._video.time_base
        context.color_primaries = context.color_trc = BT709
        context.colorspace, context.color_range = BT709, LIMITED
        aspect = self._video.sample_aspect_ratio
        if aspect:
            turned = _quarter_turns(frame) % 2
            context.sample_aspect_ratio = 1 / aspect if turned else aspect


class _Sound:
    """A stream of sound, copied or encoded anew.

    Args:
        av: the module.
        writer: an open container.
        sound: the stream.
        suffix: of the container.
    """

    def __init__(self, av, writer, sound, suffix):
        codec = sound.codec.canonical_name
        # FFmpeg would write it, and hardly a player play it.
        odd = codec.startswith("pcm") and suffix in (".mp4", ".m4v")
        self._copied = codec in writer.supported_codecs and not odd
        if self._copied:
            self._stream = writer.add_stream_from_template(sound)
        else:
            codec = "libopus" if suffix == ".webm" else "aac"
            self._stream = writer.add_stream(codec, rate=48_000)
            mono = sound.layout.nb_channels == 1
            self._stream.codec_context.layout = "mono" if mono else "stereo"

    def packets(self, packet):
        """What to write for a packet of the source, as a list."""
        if not self._copied:
            return [
                encoded
                for frame in packet.decode()
                for encoded in self._stream.encode(frame)
            ]
        if packet.dts is None:
            return []
        packet.stream = self._stream
        return [packet]

    def rest(self):
        """What the encoder still holds, as a list."""
        return [] if self._copied else self._stream.encode()


def _video_stream(reader, source):
    for stream in reader.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            if stream.codec_context is None:
                raise ValueError(
                    f"'{source}' is damaged, or its video of a kind that "
                    "FFmpeg does not know."
                )
            stream.thread_type = "AUTO"
            # Not to paint over what is damaged.
            stream.codec_context.options = {"err_detect": "explode"}
            return stream
    raise ValueError(f"'{source}' has no video, only sound or a cover picture.")


def _upright(frame):
    """A frame as uint8 RGB (H, W, 3), turned as it is to be seen."""
    options = {}
    if frame.colorspace == UNSPECIFIED and frame.height >= HD_ROWS:
        options["src_colorspace"] = "ITU709"
    image = frame.to_ndarray(format="rgb24", **options)
    return np.ascontiguousarray(np.rot90(image, _quarter_turns(frame)))


def _quarter_turns(frame):
    """By how many quarters a frame is to be turned counterclockwise."""
    return round(frame.rotation / 90) % 4


@contextlib.contextmanager
def _explained(av, what):
    try:
        yield
    except av.FFmpegError as error:
        raise ValueError(f"{what}: {error.strerror}.") from error


def _pyav():
    try:
        import av
    except ImportError as error:
        raise ImportError(
            "Translating videos needs PyAV: run `pip install "
            "keras-gan-translate[video]`, or `pip install av`."
        ) from error
    return av

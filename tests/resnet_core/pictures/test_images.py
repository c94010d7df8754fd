"""Any picture file becomes an upright, bounded RGB picture with the colours it was made with."""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms

from resnet_core.pictures.images import MAX_SIDE, open_image
from tests.pictures import LOSSLESS, LOSSY, Pixels, deep_png, encode, exif, interlaced_png, png, png_chunk, quadrants

NOISE = np.random.default_rng(0).integers(0, 256, (13, 15, 3), dtype=np.uint8)  # 195 colours: a palette holds them
ALPHA = np.random.default_rng(1).integers(0, 256, (13, 15), dtype=np.uint8)

STORED = {  # EXIF orientation: how the upright pixels lie in the file ("row 0 is ..., column 0 is ..." of the standard)
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: a[::-1, ::-1],
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}
BROKEN_EXIF = {
    "text": b"Exif\0\0hello world",
    "nothing": b"Exif\0\0",
    "cut off": exif(6)[:30],
    "pointing nowhere": exif(6).replace(struct.pack("<I", 8), struct.pack("<I", 2**31 - 1)),
    "65,535 entries": exif(1).replace(struct.pack("<H", 2), b"\xff\xff", 1),
    "orientation 9": exif(9),
}


def opened(content: bytes | Image.Image) -> Pixels:
    """(H, W, 3) as int, so that differences may be negative."""
    image = open_image(content)
    assert image.mode == "RGB"
    return np.asarray(image).astype(int)


def on_white(colour: Pixels, alpha: Pixels) -> Pixels:
    """The textbook's `over` operator, values in 0..255."""
    share = alpha[..., None] / 255
    return colour * share + 255 * (1 - share)


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_files_keep_every_pixel(name: str) -> None:
    kind, options = LOSSLESS[name]
    assert np.array_equal(opened(encode(Image.fromarray(NOISE), kind, **options)), NOISE)


def test_an_interlaced_png_keeps_every_pixel() -> None:
    assert np.array_equal(opened(interlaced_png(NOISE)), NOISE)


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_files_keep_their_colours(name: str) -> None:
    kind, options = LOSSY[name]
    difference = np.abs(opened(encode(quadrants(), kind, **options)) - np.asarray(quadrants()))
    assert difference[4:12, 4:20].max() <= 8
    assert difference.mean() <= 4


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_laid_on_white(kind: str) -> None:
    given = Image.fromarray(np.dstack([NOISE, ALPHA]))
    content = encode(given, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    assert np.abs(opened(content) - on_white(NOISE, ALPHA)).max() <= 1


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_lossy_alpha_is_laid_on_white(kind: str) -> None:
    given = np.zeros((32, 32, 4), np.uint8)
    given[:, 16:] = (200, 0, 0, 255)
    pixels = opened(encode(Image.fromarray(given), kind, quality=95))
    assert pixels[16, 4].min() >= 250
    assert np.abs(pixels[16, 28] - (200, 0, 0)).max() <= 8


def test_a_grey_png_with_alpha_is_laid_on_white() -> None:
    given = Image.merge("LA", [Image.fromarray(NOISE[..., 0]), Image.fromarray(ALPHA)])
    assert np.abs(opened(encode(given, "PNG")) - on_white(NOISE[..., :1].repeat(3, 2), ALPHA)).max() <= 1


def test_a_palette_with_transparent_entries_is_laid_on_white() -> None:
    palette = png_chunk(b"PLTE", bytes((255, 0, 0, 0, 255, 0, 0, 0, 255)))
    alpha = png_chunk(b"tRNS", bytes((255, 0, 51)))  # the blue covers a fifth
    content = png(3, 1, 3, 8, zlib.compress(b"\0\0\1\2"), palette, alpha)
    assert opened(content).tolist() == [[[255, 0, 0], [255, 255, 255], [204, 204, 255]]]


def test_the_transparent_colour_of_a_png_is_white() -> None:
    clear = png_chunk(b"tRNS", struct.pack(">HHH", 10, 20, 30))
    content = png(2, 1, 2, 8, zlib.compress(bytes((0, 10, 20, 30, 10, 20, 31))), clear)
    assert opened(content).tolist() == [[[255, 255, 255], [10, 20, 31]]]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_pngs_keep_their_upper_byte(channels: int) -> None:
    values = np.dstack([NOISE, ALPHA])[..., [[0], [0, 3], [0, 1, 2], [0, 1, 2, 3]][channels - 1]]
    expected = np.broadcast_to(values[..., : 1 if channels < 3 else 3], NOISE.shape)
    if channels in (2, 4):
        expected = on_white(expected, ALPHA)
    assert np.abs(opened(deep_png(values.astype(int) * 257)) - expected).max() <= (1 if channels in (2, 4) else 0)


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_16_bit_grey_tiffs_are_not_stretched(mode: str) -> None:
    values = NOISE[..., 0].astype("<u2" if mode == "I;16" else ">u2") * 257 // 2  # half as bright
    assert np.abs(opened(encode(Image.fromarray(values), "TIFF"))[..., 1] - NOISE[..., 0] / 2).max() <= 0.51


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(np.array([[-1.5, 0.5, 2.5]], np.float32), [0, 128, 255], id="float"),
        pytest.param(np.array([[-100, 0, 100]], np.int32), [0, 128, 255], id="integer"),
        pytest.param(np.array([[np.nan, 1, 3, np.inf, -np.inf]], np.float32), [0, 0, 255, 255, 0], id="not finite"),
        pytest.param(np.array([[-3e38, 3e38]], np.float32), [0, 255], id="huge"),
        pytest.param(np.full((1, 2), 7, np.float32), [0, 0], id="one value"),
        pytest.param(np.full((1, 2), np.nan, np.float32), [0, 0], id="no value"),
    ],
)
def test_pictures_without_a_fixed_white_are_stretched(values: Pixels, expected: list[int]) -> None:
    assert opened(encode(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == expected


def test_a_cmyk_tiff_is_mixed_from_its_inks() -> None:
    inks = np.array([[(0, 0, 0, 0), (255, 0, 0, 0), (0, 0, 0, 255), (0, 255, 0, 51)]], np.uint8)
    assert opened(encode(Image.fromarray(inks, "CMYK"), "TIFF")).tolist() == [
        [[255, 255, 255], [0, 255, 255], [0, 0, 0], [204, 0, 204]]
    ]


def cmyk_jpegs() -> dict[str, bytes]:
    """Inks of a red picture: with Adobe's mark, without it, and turned to YCCK (the mark's last byte 0 becomes 2)."""
    red_inks = (0, 255, 255, 0)
    marked = encode(Image.new("CMYK", (16, 16), red_inks), "JPEG", quality=95)
    start = marked.index(b"\xff\xee")
    assert marked[start : start + 9] == b"\xff\xee\x00\x0eAdobe"
    # YCCK is Y, Cb, Cr of the inks as if they were R, G and B; the encoder stores 255 - ink, which is undone here
    luma = Image.new("RGB", (1, 1), red_inks[:3]).convert("YCbCr").getpixel((0, 0))
    assert isinstance(luma, tuple)
    turned = encode(Image.new("CMYK", (16, 16), (*(255 - value for value in luma), 0)), "JPEG", quality=95)
    return {
        "Adobe": marked,
        "no mark": marked[:start] + marked[start + 16 :],
        "YCCK": turned[: start + 15] + b"\x02" + turned[start + 16 :],
    }


@pytest.mark.parametrize("name", cmyk_jpegs())
def test_cmyk_jpegs_are_not_negatives(name: str) -> None:
    assert np.abs(opened(cmyk_jpegs()[name]) - (255, 0, 0)).max() <= 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_all_orientations_come_out_upright(kind: str, orientation: int) -> None:
    upright = np.asarray(quadrants())
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](upright)))
    pixels = opened(encode(stored, kind, exif=exif(orientation)))
    assert pixels.shape == upright.shape
    assert np.abs(pixels - upright).mean() < 6


def test_orientation_is_read_in_both_byte_orders() -> None:
    content = [encode(quadrants(), "PNG", exif=exif(6, order)) for order in "<>"]
    assert np.array_equal(opened(content[0]), opened(content[1]))
    assert opened(content[0]).shape == (48, 32, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("name", BROKEN_EXIF)
def test_a_broken_exif_block_does_not_lose_the_picture(kind: str, name: str) -> None:
    assert np.array_equal(opened(encode(quadrants(), kind, exif=BROKEN_EXIF[name])), opened(encode(quadrants(), kind)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("profile", ["broken", "for another colour space"])
def test_a_strange_colour_profile_does_not_lose_the_picture(kind: str, profile: str) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    content = encode(quadrants(), kind, icc_profile=lab if profile != "broken" else b"no profile at all" * 9)
    assert np.array_equal(opened(content), opened(encode(quadrants(), kind)))


def test_a_png_whose_profile_cannot_be_unpacked_still_opens() -> None:
    content = png(1, 1, 2, 8, zlib.compress(b"\0\1\2\3"), png_chunk(b"iCCP", b"name\0\0no zlib data"))
    assert opened(content).tolist() == [[[1, 2, 3]]]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_the_first_of_several_pictures_is_taken(kind: str) -> None:
    red, blue = Image.new("RGB", (16, 16), (255, 0, 0)), Image.new("RGB", (16, 16), (0, 0, 255))
    content = encode(red, kind, save_all=True, append_images=[blue])
    assert np.abs(opened(content) - (255, 0, 0)).max() <= 8


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV", "I;16"])
def test_a_pillow_picture_of_any_mode_is_taken_and_left_as_it_is(mode: str) -> None:
    given = quadrants().convert(mode) if mode != "I;16" else Image.fromarray(NOISE[..., 0].astype(np.uint16) * 257)
    before = (given.mode, given.size, given.tobytes())
    expected = given.convert("RGB") if mode != "I;16" else Image.fromarray(NOISE[..., :1].repeat(3, 2))
    image = open_image(given)
    assert np.abs(np.asarray(image).astype(int) - np.asarray(expected)).max() <= 1
    image.putpixel((0, 0), (1, 2, 3))
    assert (given.mode, given.size, given.tobytes()) == before


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1, 1), (1, 1)),
        ((MAX_SIDE, 3), (MAX_SIDE, 3)),
        ((MAX_SIDE + 1, 1030), (MAX_SIDE, 1029)),
        ((4095, 1000), (2048, 500)),
        ((600, 9001), (137, 2048)),
        ((1, 5000), (1, 2048)),
        ((11000, 45), (2048, 8)),
        ((30000, 1), (2048, 1)),
        ((30000, 20), (2048, 1)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_pictures_shrink_and_keep_their_shape(
    kind: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """The picture is a ramp in x (red) and y (green): shrunk in pieces without a seam, it is the same ramp."""
    ramps = [(np.arange(n) + 0.5) / n * 255 for n in size]
    pixels = np.zeros((size[1], size[0], 3))
    pixels[..., 0], pixels[..., 1] = ramps[0], ramps[1][:, None]
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {"compress_level": 1}
    result = opened(encode(Image.fromarray(pixels.round().astype(np.uint8)), kind, **options))
    assert result.shape == (expected[1], expected[0], 3)
    for channel, (axis, length) in enumerate(zip((1, 0), expected, strict=True)):
        ramp = (np.arange(length) + 0.5) / length * 255
        shown = np.moveaxis(result[..., channel], axis, -1)
        assert length == 1 or np.abs(shown - ramp).max() <= (5 if kind == "JPEG" else 2.5)


@pytest.mark.parametrize("mode", ["P", "RGBA", "I;16", "F", "CMYK"])
def test_shrinking_in_pieces_shows_no_seams_in_any_mode(mode: str) -> None:
    flat = {"I;16": 128 * 257, "RGBA": (0, 0, 0, 127), "CMYK": (127, 127, 127, 0)}.get(mode, 128)
    given = Image.new(mode, (6001, 2500), flat)
    if mode == "F":
        given.putpixel((0, 0), 0)
        given.putpixel((6000, 2499), 255)
    pixels = opened(given)
    assert pixels.shape == (853, 2048, 3)
    grey = given.convert("RGB").getpixel((9, 9))[0] if mode == "P" else 128
    assert np.abs(pixels[5:-5, 5:-5] - grey).max() <= 1


def test_many_threads_read_what_one_reads() -> None:
    content = [encode(quadrants(), kind, **options) for kind, options in LOSSY.values()] * 4
    alone = [opened(item) for item in content]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(opened, content))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))

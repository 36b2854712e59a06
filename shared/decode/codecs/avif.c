/*
 * AVIF to RGB over white, reduced, by libavif and dav1d. Neither an RGB nor an RGBA picture of full
 * size is ever held: the planes are converted and averaged in strips of rows.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "avif/avif.h"
#include "arena.h"

typedef struct Picture {
    /* Reduced, cropped by 'clap', before 'irot' and 'imir'. */
    uint32_t width, height;
    uint8_t *pixels; /* uint8 [height, width, 3] */
} Picture;

/* Rows that a strip of RGB takes at most, bytes; it has at least 8 rows and their neighbours. */
#define STRIP_BYTES 262144u

static void check(avifResult result, const avifDecoder *decoder) {
    if (result == AVIF_RESULT_OK) return;
    const char *const told = decoder->diag.error;
    const char *const message = *told ? told : avifResultToString(result);
    fail(result == AVIF_RESULT_OUT_OF_MEMORY ? FAIL_OUT_OF_MEMORY : FAIL_BROKEN, message);
}

static avifCropRect crop_of(const avifImage *image, avifDiagnostics *diag) {
    avifCropRect crop = {0, 0, image->width, image->height};
    if (image->transformFlags & AVIF_TRANSFORM_CLAP) {
        const avifCleanApertureBox *const clap = &image->clap;
        if (!avifCropRectFromCleanApertureBox(&crop, clap, image->width, image->height, diag)) {
            fail(FAIL_BROKEN, diag->error);
        }
    }
    return crop;
}

static uint8_t over_white(uint32_t colour, uint32_t alpha) {
    return (uint8_t)(255 - ((255 - colour) * alpha + 127) / 255);
}

/* `count` RGBA pixels over white, in place; RGB afterwards. */
static void flatten(uint8_t *row, uint32_t count, int premultiplied) {
    const uint8_t *from = row;
    for (uint8_t *to = row, *const end = row + count * 3; to < end; to += 3, from += 4) {
        const uint32_t alpha = from[3];
        for (int c = 0; c < 3; c++) {
            const uint32_t white = from[c] + 255 - alpha;
            const uint8_t over = premultiplied ? (uint8_t)(white > 255 ? 255 : white)
                                               : over_white(from[c], alpha);
            to[c] = over;
        }
    }
}

/* Adds a row of RGB to the sums of its blocks. */
static void add(uint16_t *restrict sums, const uint8_t *restrict row, uint32_t width,
                uint32_t reduction) {
    uint32_t x = 0;
    for (; x + reduction <= width; x += reduction, sums += 3) {
        uint32_t r = 0, g = 0, b = 0;
        for (uint32_t i = 0; i < reduction; i++, row += 3) r += row[0], g += row[1], b += row[2];
        sums[0] += r, sums[1] += g, sums[2] += b;
    }
    for (; x < width; x++, row += 3) sums[0] += row[0], sums[1] += row[1], sums[2] += row[2];
}

/* Averages of the blocks of `rows` rows; the last one may be narrower. */
static void average(uint8_t *restrict to, const uint16_t *restrict sums, uint32_t width,
                    uint32_t rows, uint32_t reduction) {
    const uint32_t whole = rows * reduction, blocks = width / reduction;
    for (uint32_t i = 0; i < blocks * 3; i++) to[i] = (uint8_t)((sums[i] + whole / 2) / whole);
    const uint32_t part = rows * (width % reduction);
    if (!part) return;
    for (uint32_t i = blocks * 3; i < blocks * 3 + 3; i++) {
        to[i] = (uint8_t)((sums[i] + part / 2) / part);
    }
}

/* Two pixels around the crop, so that chroma is interpolated as in the whole picture. */
static uint32_t before(uint32_t at) { return at < 2 ? 0 : (at - 2) & ~1u; }
static uint32_t behind(uint32_t at, uint32_t limit) { return limit - at < 2 ? limit : at + 2; }

static void convert(const avifImage *image, const avifCropRect *crop, uint32_t reduction,
                    Picture *picture) {
    const int has_alpha = image->alphaPlane != NULL;
    const uint32_t left = before(crop->x), right = behind(crop->x + crop->width, image->width);
    const uint32_t stride = (right - left) * (has_alpha ? 4 : 3);
    uint32_t strip = (STRIP_BYTES / stride) & ~7u;
    if (strip < 8) strip = 8;
    uint8_t *const pixels = malloc((size_t)(strip + 5) * stride);
    const size_t sum_bytes = (size_t)picture->width * 3 * sizeof(uint16_t);
    uint16_t *const sums = reduction > 1 ? calloc(1, sum_bytes) : NULL;
    uint8_t *to = picture->pixels;
    avifImage *const view = avifImageCreateEmpty();
    const uint32_t end = crop->y + crop->height;
    for (uint32_t y = crop->y; y < end; y += strip) {
        const uint32_t rows = end - y < strip ? end - y : strip;
        const uint32_t first = before(y), behind_last = behind(y + rows, image->height);
        const avifCropRect rect = {left, first, right - left, behind_last - first};
        if (avifImageSetViewRect(view, image, &rect)) fail(FAIL_BROKEN, "no view");
        avifRGBImage rgb;
        avifRGBImageSetDefaults(&rgb, view);
        rgb.depth = 8;
        rgb.format = has_alpha ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
        rgb.alphaPremultiplied = image->alphaPremultiplied;
        rgb.pixels = pixels;
        rgb.rowBytes = stride;
        const avifResult result = avifImageYUVToRGB(view, &rgb);
        if (result) fail(FAIL_BROKEN, avifResultToString(result));
        for (uint32_t row = 0; row < rows; row++) {
            uint8_t *const from = pixels + (size_t)(y - first + row) * stride +
                                  (crop->x - left) * (has_alpha ? 4 : 3);
            if (has_alpha) flatten(from, crop->width, image->alphaPremultiplied);
            if (reduction == 1) {
                memcpy(to, from, (size_t)crop->width * 3);
                to += crop->width * 3;
                continue;
            }
            add(sums, from, crop->width, reduction);
            const uint32_t done = y - crop->y + row + 1, over = done % reduction;
            if (over && done != crop->height) continue;
            average(to, sums, crop->width, over ? over : reduction, reduction);
            memset(sums, 0, sum_bytes);
            to += picture->width * 3;
        }
    }
    avifImageDestroy(view);
    free(sums);
    free(pixels);
}

/*
 * Decodes the primary item of the file.
 * reduction: 1, 2, 4 or 8. frame_limit: most pixels that a coded frame may have, so that AV1 data
 * cannot take more memory than was told from the header.
 */
EXPORT(avif_decode) const Picture *avif_decode(const uint8_t *file, uint32_t length, uint32_t reduction,
                           uint32_t frame_limit) {
    static Picture picture;
    avifDecoder *const decoder = avifDecoderCreate();
    if (!decoder) fail(FAIL_OUT_OF_MEMORY, "no decoder");
    decoder->codecChoice = AVIF_CODEC_CHOICE_DAV1D;
    decoder->maxThreads = 1;
    decoder->requestedSource = AVIF_DECODER_SOURCE_PRIMARY_ITEM;
    decoder->strictFlags = AVIF_STRICT_CLAP_VALID; /* the others refuse what real files have */
    decoder->ignoreExif = AVIF_TRUE;
    decoder->ignoreXMP = AVIF_TRUE;
    check(avifDecoderSetIOMemory(decoder, file, length), decoder);
    check(avifDecoderParse(decoder), decoder);
    decoder->imageSizeLimit = frame_limit;
    check(avifDecoderNextImage(decoder), decoder);

    const avifImage *const image = decoder->image;
    const avifCropRect crop = crop_of(image, &decoder->diag);
    picture.width = (crop.width + reduction - 1) / reduction;
    picture.height = (crop.height + reduction - 1) / reduction;
    picture.pixels = malloc((size_t)picture.width * picture.height * 3);
    convert(image, &crop, reduction, &picture);
    avifDecoderDestroy(decoder); /* its planes' room is for what the caller does next */
    return &picture;
}

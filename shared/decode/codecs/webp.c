/*
 * WebP by libwebp, row by row: over white, onto the canvas, and averaged, so that no picture of full
 * size is made but the one that VP8L copies from.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "src/dec/vp8i_dec.h"
#include "src/dec/webpi_dec.h"
#include "src/dsp/dsp.h"

/* What webp_decode returns; JavaScript reads it, 32 bits a field. */
typedef struct {
  uint32_t width, height; /* of the canvas, reduced */
  uint8_t *pixels;        /* RGB */
  uint32_t frame_width, frame_height;
} webp_picture;

static webp_picture picture;

/* ---- the canvas: white where the frame is not, averaged in blocks ---- */

static struct {
  uint32_t width, height, reduction; /* of the canvas */
  uint32_t left, top;                /* where the frame lies */
  uint8_t *rows[2];                  /* RGB of the canvas's width; the upsampler makes two at a time */
  uint16_t *sums;                    /* of the rows of a block: 8 · 255 fits */
  uint8_t *out;                      /* the next row of the result */
  uint32_t y;                        /* the next row of the canvas */
} canvas;

static void start_canvas(uint32_t width, uint32_t height, uint32_t reduction) {
  const size_t row = (size_t)width * 3;
  canvas.width = width;
  canvas.height = height;
  canvas.reduction = reduction;
  picture.width = (width + reduction - 1) / reduction;
  picture.height = (height + reduction - 1) / reduction;
  picture.pixels = canvas.out = calloc(picture.height, (size_t)picture.width * 3);
  for (int i = 0; i < 2; i++) {
    canvas.rows[i] = malloc(row);
    memset(canvas.rows[i], 255, row);
  }
  if (reduction > 1) canvas.sums = calloc(row, sizeof(*canvas.sums));
}

/* Blocks from column `x` on, of `rows` rows, rounded; the last column may be partial. */
static void average(uint32_t x, uint32_t rows) {
  const uint32_t reduction = canvas.reduction;
  const uint16_t *from = canvas.sums + (size_t)x * reduction * 3;
  for (; x < picture.width; x++) {
    const uint32_t left = canvas.width - x * reduction;
    const uint32_t columns = left < reduction ? left : reduction;
    const uint32_t pixels = rows * columns;
    for (uint32_t channel = 0; channel < 3; channel++) {
      uint32_t sum = pixels / 2;
      for (uint32_t i = 0; i < columns; i++) sum += from[i * 3 + channel];
      *canvas.out++ = (uint8_t)(sum / pixels);
    }
    from += columns * 3;
  }
}

/* The same for whole blocks, of a size that the compiler knows. Returns the column after them. */
static inline uint32_t average_whole(const uint32_t reduction, const uint32_t shift) {
  const uint32_t whole = canvas.width / reduction;
  const uint32_t half = 1u << (shift - 1);
  const uint16_t *from = canvas.sums;
  uint8_t *to = canvas.out;
  for (uint32_t x = 0; x < whole; x++, from += 3 * reduction, to += 3) {
    uint32_t red = half, green = half, blue = half;
    for (uint32_t i = 0; i < reduction; i++) {
      red += from[i * 3];
      green += from[i * 3 + 1];
      blue += from[i * 3 + 2];
    }
    to[0] = (uint8_t)(red >> shift);
    to[1] = (uint8_t)(green >> shift);
    to[2] = (uint8_t)(blue >> shift);
  }
  canvas.out = to;
  return whole;
}

static void finish_block(uint32_t rows) {
  uint32_t x = 0;
  if (rows == canvas.reduction) {
    if (rows == 2) x = average_whole(2, 2);
    else if (rows == 4) x = average_whole(4, 4);
    else x = average_whole(8, 6);
  }
  average(x, rows);
  memset(canvas.sums, 0, (size_t)canvas.width * 3 * sizeof(*canvas.sums));
}

static void add_row(const uint8_t *row) {
  const size_t bytes = (size_t)canvas.width * 3;
  canvas.y++;
  if (canvas.reduction == 1) {
    memcpy(canvas.out, row, bytes);
    canvas.out += bytes;
    return;
  }
  uint16_t *sums = canvas.sums;
  for (size_t i = 0; i < bytes; i++) sums[i] += row[i];
  const uint32_t done = canvas.y % canvas.reduction;
  if (done == 0) finish_block(canvas.reduction);
  else if (canvas.y == canvas.height) finish_block(done);
}

/* Where the frame's pixels of a row go. */
static uint8_t *frame_row(int which) { return canvas.rows[which] + canvas.left * 3; }

static void add_white_rows(uint32_t until) {
  if (canvas.y >= until) return;
  uint8_t *white = malloc((size_t)canvas.width * 3);
  memset(white, 255, (size_t)canvas.width * 3);
  while (canvas.y < until) add_row(white);
  free(white);
}

/* 255 − (255 − c) · a / 255, rounded: x / 255 to the nearest is (x + 128) · 257 / 65536. */
static inline uint8_t over_white(uint8_t colour, uint8_t alpha) {
  const uint32_t product = (255u - colour) * alpha + 128;
  return (uint8_t)(255 - ((product + (product >> 8)) >> 8));
}

/* ---- VP8: libwebp hands over rows of luma and chroma; as EmitFancyRGB in its io_dec.c ---- */

/* Luma and chroma of the row that waits for the chroma below it. */
static uint8_t *waiting_y, *waiting_u, *waiting_v;

/* Adds row y of the frame, which lies in rows[which]. */
static void add_frame_row(const VP8Io *io, int which, int y) {
  if (io->a) {
    /* libwebp keeps the whole plane of alpha, so the row before is still there. */
    const uint8_t *alpha = io->a + (ptrdiff_t)(y - io->mb_y) * io->width;
    uint8_t *rgb = frame_row(which);
    for (int x = 0; x < io->width; x++, rgb += 3) {
      rgb[0] = over_white(rgb[0], alpha[x]);
      rgb[1] = over_white(rgb[1], alpha[x]);
      rgb[2] = over_white(rgb[2], alpha[x]);
    }
  }
  add_row(canvas.rows[which]);
}

static int put_rows(const VP8Io *io) {
  const WebPUpsampleLinePairFunc upsample = WebPUpsamplers[MODE_RGB];
  const int width = io->width;
  const int chroma_width = (width + 1) / 2;
  const int end = io->mb_y + io->mb_h;
  uint8_t *const first = frame_row(0), *const second = frame_row(1);
  const uint8_t *luma = io->y, *u = io->u, *v = io->v;
  int y = io->mb_y;
  if (y == 0) {
    upsample(luma, NULL, u, v, u, v, first, NULL, width);
    add_frame_row(io, 0, 0);
  } else {
    upsample(waiting_y, luma, waiting_u, waiting_v, u, v, first, second, width);
    add_frame_row(io, 0, y - 1);
    add_frame_row(io, 1, y);
  }
  for (; y + 2 < end; y += 2) {
    const uint8_t *above_u = u, *above_v = v;
    u += io->uv_stride;
    v += io->uv_stride;
    luma += 2 * io->y_stride;
    upsample(luma - io->y_stride, luma, above_u, above_v, u, v, first, second, width);
    add_frame_row(io, 0, y + 1);
    add_frame_row(io, 1, y + 2);
  }
  luma += io->y_stride;
  if (end < io->height) {
    memcpy(waiting_y, luma, width);
    memcpy(waiting_u, u, chroma_width);
    memcpy(waiting_v, v, chroma_width);
  } else if (end % 2 == 0) {
    upsample(luma, NULL, u, v, u, v, first, NULL, width);
    add_frame_row(io, 0, end - 1);
  }
  return 1;
}

/* ---- VP8L: libwebp turns each finished row of ARGB into the caller's format, here ---- */

static void put_argb(const uint32_t *argb, int width, WEBP_CSP_MODE unused, uint8_t *unused_too) {
  (void)unused;
  (void)unused_too;
  uint8_t *rgb = frame_row(0);
  for (int x = 0; x < width; x++, rgb += 3) {
    const uint32_t pixel = argb[x];
    const uint8_t alpha = pixel >> 24;
    rgb[0] = over_white((uint8_t)(pixel >> 16), alpha);
    rgb[1] = over_white((uint8_t)(pixel >> 8), alpha);
    rgb[2] = over_white((uint8_t)pixel, alpha);
  }
  add_row(canvas.rows[0]);
}

#undef VP8LConvertFromBGRA
#define VP8LConvertFromBGRA put_argb
#include "src/dec/vp8l_dec.c"

/* ---- the file ---- */

static void check(VP8StatusCode status) {
  if (status == VP8_STATUS_OK) return;
  if (status == VP8_STATUS_OUT_OF_MEMORY) fail(FAIL_OUT_OF_MEMORY, "out of memory");
  fail(FAIL_BROKEN, status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED
                        ? "its picture data are cut off"
                        : "its picture data are damaged");
}

static void begin(const VP8Io *io, uint32_t width, uint32_t height, uint32_t reduction) {
  picture.frame_width = (uint32_t)io->width;
  picture.frame_height = (uint32_t)io->height;
  if (canvas.left + picture.frame_width > width || canvas.top + picture.frame_height > height) {
    fail(FAIL_BROKEN, "its picture has another size than its header");
  }
  start_canvas(width, height, reduction);
  add_white_rows(canvas.top);
}

static void decode_lossy(VP8Io *io, const WebPHeaderStructure *headers, uint32_t width,
                         uint32_t height, uint32_t reduction) {
  VP8Decoder *decoder = VP8New();
  decoder->alpha_data = headers->alpha_data;
  decoder->alpha_data_size = headers->alpha_data_size;
  if (!VP8GetHeaders(decoder, io)) check(decoder->status);
  begin(io, width, height, reduction);
  waiting_y = malloc((size_t)io->width);
  waiting_u = malloc((size_t)(io->width + 1) / 2);
  waiting_v = malloc((size_t)(io->width + 1) / 2);
  io->put = put_rows;
  WebPInitUpsamplers();
  if (!VP8Decode(decoder, io)) check(decoder->status);
}

static void decode_lossless(VP8Io *io, uint32_t width, uint32_t height, uint32_t reduction) {
  static WebPDecBuffer output; /* of which only the format is looked at */
  static WebPDecParams params;
  output.colorspace = MODE_RGBA;
  params.output = &output;
  io->opaque = &params;
  VP8LDecoder *decoder = VP8LNew();
  if (!VP8LDecodeHeader(decoder, io)) check(decoder->status);
  begin(io, width, height, reduction);
  if (!VP8LDecodeImage(decoder)) check(decoder->status);
}

/*
 * A still file's picture at (left, top) of a white canvas of width × height, the whole averaged in
 * blocks of reduction × reduction: 1, 2, 4 or 8.
 */
EXPORT(webp_decode)
const webp_picture *webp_decode(const uint8_t *file, size_t length, uint32_t reduction,
                                uint32_t width, uint32_t height, uint32_t left, uint32_t top) {
  static VP8Io io;
  static WebPHeaderStructure headers;
  headers.data = file;
  headers.data_size = length;
  headers.have_all_data = 1;
  check(WebPParseHeaders(&headers));
  if (!VP8InitIo(&io)) fail(FAIL_INTERNAL, "VP8InitIo");
  io.data = headers.data + headers.offset;
  io.data_size = headers.data_size - headers.offset;
  canvas.left = left;
  canvas.top = top;
  if (headers.is_lossless) decode_lossless(&io, width, height, reduction);
  else decode_lossy(&io, &headers, width, height, reduction);
  if (canvas.y != top + picture.frame_height) fail(FAIL_BROKEN, "rows of its picture are missing");
  add_white_rows(height);
  return &picture;
}

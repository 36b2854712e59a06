/*
 * JPEG by libjpeg-turbo, which scales by DCT: only the pixels asked for are ever made.
 *
 * What libjpeg paints over with a warning is counted, so that the caller can refuse it: pictures
 * that are cut off or damaged end in grey.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include "jerror.h"
#include "message.h"

/* What jpeg_decode returns; JavaScript reads it, field by field, 32 bits each. */
typedef struct {
  uint32_t width, height; /* reduced */
  uint32_t components;    /* 3: RGB, 4: CMYK as stored (YCCK is converted to it) */
  uint8_t *pixels;
  uint32_t warnings_pixels;   /* how many mean that pixels are missing or wrong */
  uint32_t warnings_harmless; /* how many do not: padding, header fields read as if they were right */
  const char *message;        /* the last of the former, else of the latter, else empty */
  uint32_t complete;          /* every bit of every component's coefficients has come */
  uint32_t saw_eoi;           /* the end marker is there */
} jpeg_picture;

static jpeg_picture picture;
static char text[JMSG_LENGTH_MAX];

/* Warnings that cost no pixel: bytes that real cameras pad with, fields read as if they were right. */
static int is_harmless(int code) {
  return code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM ||
         code == JWRN_NOT_SEQUENTIAL;
}

static void emit_message(j_common_ptr cinfo, int level) {
  if (level >= 0) return; /* a trace */
  struct jpeg_error_mgr *err = cinfo->err;
  int harmless = is_harmless(err->msg_code);
  if (harmless) picture.warnings_harmless++;
  else picture.warnings_pixels++;
  if (!harmless || picture.warnings_pixels == 0) format_jpeg_message(err, text);
}

static void error_exit(j_common_ptr cinfo) {
  format_jpeg_message(cinfo->err, text);
  fail(cinfo->err->msg_code == JERR_OUT_OF_MEMORY ? FAIL_OUT_OF_MEMORY : FAIL_BROKEN, text);
}

static void nothing_to_reset(j_common_ptr cinfo) { (void)cinfo; }

/* ---- the file, which lies in memory as a whole ---- */

static const JOCTET END[2] = {0xff, JPEG_EOI};
static int past_end; /* libjpeg asked for more than there is */

static void nothing(j_decompress_ptr cinfo) { (void)cinfo; }

/*
 * At the end it finds the end marker, over and over. That is no warning yet: when pixels are missing
 * libjpeg says so itself, when it hits the marker.
 */
static boolean fill_input_buffer(j_decompress_ptr cinfo) {
  past_end = 1;
  cinfo->src->next_input_byte = END;
  cinfo->src->bytes_in_buffer = sizeof(END);
  return TRUE;
}

static void skip_input_data(j_decompress_ptr cinfo, long count) {
  struct jpeg_source_mgr *src = cinfo->src;
  if (count <= 0) return;
  if ((size_t)count > src->bytes_in_buffer) {
    fill_input_buffer(cinfo);
    return;
  }
  src->next_input_byte += count;
  src->bytes_in_buffer -= (size_t)count;
}

/* Whether the next marker that libjpeg would find is the end marker, in the file itself. */
static int end_follows(j_decompress_ptr cinfo) {
  if (past_end) return 0;
  if (cinfo->unread_marker != 0) return cinfo->unread_marker == JPEG_EOI;
  const JOCTET *at = cinfo->src->next_input_byte;
  const JOCTET *end = at + cinfo->src->bytes_in_buffer;
  for (; at + 1 < end; at++) {
    if (at[0] == 0xff && at[1] != 0 && at[1] != 0xff) return at[1] == JPEG_EOI;
  }
  return 0;
}

/* ---- the picture ---- */

/* A component had a scan when its quantisation table was put aside for it (jdinput.c). */
static int is_complete(j_decompress_ptr cinfo) {
  for (int c = 0; c < cinfo->num_components; c++) {
    if (!cinfo->comp_info[c].quant_table) return 0;
    if (!cinfo->coef_bits) continue; /* sequential */
    for (int k = 0; k < DCTSIZE2; k++) {
      if (cinfo->coef_bits[c][k] != 0) return 0;
    }
  }
  return 1;
}

/*
 * Takes in the scans until nothing is missing. What follows is not looked at: a file may lack its
 * end marker and go on with anything.
 */
static int read_scans(j_decompress_ptr cinfo) {
  for (;;) {
    int event = jpeg_consume_input(cinfo);
    if (event == JPEG_REACHED_EOI) return !past_end;
    if (event == JPEG_SCAN_COMPLETED && is_complete(cinfo)) return end_follows(cinfo);
  }
}

EXPORT(jpeg_decode)
const jpeg_picture *jpeg_decode(const uint8_t *file, size_t length, uint32_t denominator) {
  static struct jpeg_decompress_struct cinfo;
  static struct jpeg_error_mgr err;
  static struct jpeg_source_mgr src;
  err.error_exit = error_exit;
  err.emit_message = emit_message;
  err.reset_error_mgr = nothing_to_reset;
  cinfo.err = &err;
  jpeg_create_decompress(&cinfo);
  src.init_source = src.term_source = nothing;
  src.fill_input_buffer = fill_input_buffer;
  src.skip_input_data = skip_input_data;
  src.resync_to_restart = jpeg_resync_to_restart;
  src.next_input_byte = file;
  src.bytes_in_buffer = length;
  cinfo.src = &src;

  jpeg_read_header(&cinfo, TRUE);
  picture.components = cinfo.num_components == 4 ? 4 : 3;
  cinfo.out_color_space = cinfo.num_components == 4 ? JCS_CMYK : JCS_RGB;
  cinfo.scale_num = 1;
  cinfo.scale_denom = denominator;
  cinfo.do_block_smoothing = FALSE; /* nothing is made up for coefficients that an encoder left out */
  cinfo.buffered_image = jpeg_has_multiple_scans(&cinfo);
  jpeg_start_decompress(&cinfo);
  if (cinfo.buffered_image) {
    picture.saw_eoi = (uint32_t)read_scans(&cinfo);
    picture.complete = (uint32_t)is_complete(&cinfo);
    jpeg_start_output(&cinfo, cinfo.input_scan_number);
  }

  size_t stride = (size_t)cinfo.output_width * picture.components;
  picture.width = cinfo.output_width;
  picture.height = cinfo.output_height;
  picture.pixels = calloc(cinfo.output_height, stride);
  while (cinfo.output_scanline < cinfo.output_height) {
    JSAMPROW row = picture.pixels + cinfo.output_scanline * stride;
    jpeg_read_scanlines(&cinfo, &row, 1);
  }
  if (!cinfo.buffered_image) {
    picture.complete = 1;
    picture.saw_eoi = (uint32_t)end_follows(&cinfo);
  }
  /*
   * Arithmetic coding leaves out zeros at the end, so libjpeg cannot tell where its data are cut off:
   * there, the end marker is the only proof.
   */
  if (cinfo.arith_code && past_end) {
    picture.warnings_pixels++;
    memcpy(text, "premature end of arithmetic-coded data", 39);
  }
  picture.message = text;
  return &picture;
}

/* Samples of 12 and 16 bits and lossless files, which this build leaves out. */
#define NOT_BUILT(name) \
  void name(j_decompress_ptr cinfo) { ERREXIT1(cinfo, JERR_BAD_PRECISION, cinfo->data_precision); }
#define NOT_BUILT_2(name)                      \
  void name(j_decompress_ptr cinfo, boolean unused) { \
    (void)unused;                              \
    ERREXIT1(cinfo, JERR_BAD_PRECISION, cinfo->data_precision); \
  }
NOT_BUILT(j12init_color_deconverter)
NOT_BUILT(j12init_upsampler)
NOT_BUILT(j12init_inverse_dct)
NOT_BUILT_2(j12init_d_post_controller)
NOT_BUILT_2(j12init_d_coef_controller)
NOT_BUILT_2(j12init_d_main_controller)

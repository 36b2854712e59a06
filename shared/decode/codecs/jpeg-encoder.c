/* JPEG encoding by libjpeg-turbo: baseline, 4:2:0, Huffman tables of its own. */
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

/* What jpeg_encode returns; JavaScript reads it, 32 bits a field. */
typedef struct {
  uint8_t *file;
  uint32_t length;
} jpeg_file;

static jpeg_file result;
static char text[JMSG_LENGTH_MAX];

static void error_exit(j_common_ptr cinfo) {
  format_jpeg_message(cinfo->err, text);
  fail(cinfo->err->msg_code == JERR_OUT_OF_MEMORY ? FAIL_OUT_OF_MEMORY : FAIL_BROKEN, text);
}
static void emit_message(j_common_ptr cinfo, int level) {
  (void)cinfo;
  (void)level;
}
static void reset_error_mgr(j_common_ptr cinfo) { (void)cinfo; }

/* ---- the output, which doubles when it is full ---- */

static size_t capacity;

static void place_output(j_compress_ptr cinfo, size_t used, size_t size) {
  result.file = realloc(result.file, size);
  capacity = size;
  cinfo->dest->next_output_byte = result.file + used;
  cinfo->dest->free_in_buffer = size - used;
}
static void init_destination(j_compress_ptr cinfo) { place_output(cinfo, 0, 65536); }
static boolean empty_output_buffer(j_compress_ptr cinfo) {
  place_output(cinfo, capacity, capacity * 2);
  return TRUE;
}
static void term_destination(j_compress_ptr cinfo) {
  result.length = (uint32_t)(capacity - cinfo->dest->free_in_buffer);
}

/* Encodes width × height pixels of RGB. Quality as libjpeg's, 1 to 100. */
EXPORT(jpeg_encode)
const jpeg_file *jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality) {
  static struct jpeg_compress_struct cinfo;
  static struct jpeg_error_mgr err;
  static struct jpeg_destination_mgr dest;
  err.error_exit = error_exit;
  err.emit_message = emit_message;
  err.reset_error_mgr = reset_error_mgr;
  cinfo.err = &err;
  jpeg_create_compress(&cinfo);
  dest.init_destination = init_destination;
  dest.empty_output_buffer = empty_output_buffer;
  dest.term_destination = term_destination;
  cinfo.dest = &dest;
  cinfo.image_width = width;
  cinfo.image_height = height;
  cinfo.input_components = 3;
  cinfo.in_color_space = JCS_RGB;
  jpeg_set_defaults(&cinfo); /* YCbCr, 4:2:0, accurate DCT */
  cinfo.optimize_coding = TRUE; /* a tenth smaller, for 3 bytes of memory a pixel */
  jpeg_set_quality(&cinfo, quality, TRUE);
  jpeg_start_compress(&cinfo, TRUE);
  while (cinfo.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)cinfo.next_scanline * width * 3);
    jpeg_write_scanlines(&cinfo, &row, 1);
  }
  jpeg_finish_compress(&cinfo);
  return &result;
}

/* Samples of 12 and 16 bits, which this build leaves out. */
#define NOT_BUILT(name) \
  void name(j_compress_ptr cinfo) { ERREXIT1(cinfo, JERR_BAD_PRECISION, cinfo->data_precision); }
#define NOT_BUILT_2(name)                             \
  void name(j_compress_ptr cinfo, boolean unused) {   \
    (void)unused;                                     \
    ERREXIT1(cinfo, JERR_BAD_PRECISION, cinfo->data_precision); \
  }
NOT_BUILT(j12init_color_converter)
NOT_BUILT(j12init_downsampler)
NOT_BUILT(j12init_forward_dct)
NOT_BUILT_2(j12init_c_prep_controller)
NOT_BUILT_2(j12init_c_coef_controller)
NOT_BUILT_2(j12init_c_main_controller)

/*
 * zlib's inflate, as a stream: JavaScript hands over input as it has it and asks for output as much
 * as it wants at a time.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "zlib.h"

enum inflate_state {
  MORE = 0,        /* the output asked for is full; there may be more */
  NEEDS_INPUT = 1, /* everything handed over is used up */
  END = 2,         /* the stream's end, its checksum right */
  BAD_CHECK = 3,   /* the stream's end; everything is out, but checksum or length disagree */
  BROKEN = 4
};

static z_stream stream;
static enum inflate_state state;

static voidpf allocate_zeroed(voidpf unused, uInt count, uInt each) {
  (void)unused;
  return calloc(count, each);
}
static void release(voidpf unused, voidpf pointer) {
  (void)unused;
  free(pointer);
}

/* Only the messages tell the checksums after the data from damage of the data (inflate.c). */
static int is_check(const char *message) {
  return strcmp(message, "incorrect data check") == 0 ||
         strcmp(message, "incorrect length check") == 0;
}

/* window_bits as in inflateInit2: 15 zlib, 31 gzip, −15 neither. One stream for each instance. */
EXPORT(inflate_begin) void inflate_begin(int window_bits) {
  stream.zalloc = allocate_zeroed;
  stream.zfree = release;
  state = MORE;
  if (inflateInit2(&stream, window_bits) != Z_OK) fail(FAIL_INTERNAL, "inflateInit2");
}

/* What follows in the compressed data; must stay there until it is used up. */
EXPORT(inflate_input) void inflate_input(const uint8_t *data, size_t length) {
  stream.next_in = (Bytef *)data;
  stream.avail_in = length;
}

/*
 * Writes up to `length` bytes and returns how many. Damage is reported after what came before it.
 * Once the stream has ended, in whichever way, there is no more.
 */
EXPORT(inflate_output) size_t inflate_output(uint8_t *to, size_t length) {
  if (state == END || state == BAD_CHECK || state == BROKEN) return 0;
  stream.next_out = to;
  stream.avail_out = length;
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  const size_t written = length - stream.avail_out;
  if (result == Z_STREAM_END) {
    state = END;
  } else if (result == Z_OK || result == Z_BUF_ERROR) {
    state = stream.avail_out == 0 ? MORE : NEEDS_INPUT;
  } else if (result == Z_DATA_ERROR && is_check(stream.msg)) {
    state = BAD_CHECK;
  } else {
    state = BROKEN;
  }
  return written;
}

EXPORT(inflate_state) int inflate_state(void) { return state; }

/* Input that is not used up: after the end, what follows the stream. */
EXPORT(inflate_rest) size_t inflate_rest(void) { return stream.avail_in; }

/* What zlib says is wrong. */
EXPORT(inflate_message) const char *inflate_message(void) {
  return stream.msg ? stream.msg : "a preset dictionary is needed";
}

/* libjpeg's messages, without jerror.c and the printf that it would bring. */
#ifndef HEBB_MESSAGE_H
#define HEBB_MESSAGE_H

#include <stddef.h>

#include "jversion.h"

static const char *const JPEG_MESSAGES[] = {
#define JMESSAGE(code, string) string,
#include "jerror.h"
    NULL};

static char *put_number(char *to, unsigned value, unsigned base, int width) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value > 0);
  while (count < width) digits[count++] = '0';
  while (count > 0) *to++ = digits[--count];
  return to;
}

/* The message with its parameters in place: %d, %u, %x, with a width of one digit, or one %s. */
static void format_jpeg_message(const struct jpeg_error_mgr *err, char *buffer) {
  const int count = (int)(sizeof(JPEG_MESSAGES) / sizeof(*JPEG_MESSAGES)) - 1;
  const int code = err->msg_code;
  const char *from = JPEG_MESSAGES[code > 0 && code < count ? code : 0];
  char *to = buffer;
  char *const end = buffer + JMSG_LENGTH_MAX - 16;
  for (int parameter = 0; *from && to < end; from++) {
    if (*from != '%') {
      *to++ = *from;
      continue;
    }
    int width = 0;
    while (*++from >= '0' && *from <= '9') width = *from - '0';
    if (*from == 'l') from++;
    if (*from == 's') {
      for (const char *s = err->msg_parm.s; *s && to < end; s++) *to++ = *s;
      continue;
    }
    int value = parameter < 8 ? err->msg_parm.i[parameter++] : 0;
    if (*from == 'd' && value < 0) {
      *to++ = '-';
      value = -value;
    }
    to = put_number(to, (unsigned)value, *from == 'x' ? 16 : 10, width);
  }
  *to = 0;
}

#endif

/* What every codec's module shares: its heap, and how it fails. See README.md. */
#ifndef HEBB_ARENA_H
#define HEBB_ARENA_H

#include <stddef.h>

/* Why a codec gives up; the numbers are those of shared/decode/codec.ts. */
enum fail_kind {
  FAIL_BROKEN = 1,        /* the file: damaged, cut off or of a kind that the codec does not read */
  FAIL_OUT_OF_MEMORY = 2, /* the memory may not grow as far as the file needs */
  FAIL_INTERNAL = 3       /* the codec itself: abort() */
};

/* JavaScript throws, and the instance is dropped: it stands for longjmp, abort and exit. */
__attribute__((import_module("env"), import_name("fail"), noreturn)) void fail(int kind,
                                                                               const char *message);

/* Marks a function that JavaScript calls. */
#define EXPORT(name) __attribute__((export_name(#name), used))

#endif

/*
 * The heap of a codec, on a memory that others have used before it.
 *
 * The codecs of an isolate take turns on one imported memory, which may be larger than this module
 * declares. wasi-libc takes the heap from the memory's end; this one begins at __heap_base and asks
 * for more only when what is there is used up. Few, large blocks are allocated, so a list of free
 * blocks ordered by address and a top that falls again do: what an image takes depends on the image
 * alone, never on what was decoded before it.
 *
 * malloc never returns NULL: when the memory may not grow, the codec ends with FAIL_OUT_OF_MEMORY.
 * Its C code therefore has no path that goes on with less.
 */
#include "arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 65536u
#define ALIGNMENT 16u

/* Lies before what malloc returns, which is aligned as SIMD likes it. */
typedef struct block {
  _Alignas(ALIGNMENT) size_t size; /* of what follows, bytes; a multiple of ALIGNMENT */
  struct block *next;              /* the next free one, by address */
} block;

extern unsigned char __heap_base;

static uintptr_t top;        /* end of what is in use */
static uintptr_t high_water; /* the highest that top has been: beyond it, memory is still zero */
static block *first_free;

static uintptr_t end_of(const block *b) { return (uintptr_t)(b + 1) + b->size; }

static uintptr_t round_up(uintptr_t value, uintptr_t to) { return (value + to - 1) / to * to; }

static _Noreturn void out_of_memory(void) { fail(FAIL_OUT_OF_MEMORY, "out of memory"); }

static void start(void) {
  if (top == 0) top = high_water = round_up((uintptr_t)&__heap_base, ALIGNMENT);
}

/* Moves the top to `end`, growing the memory to it. */
static void raise_top(uint64_t end) {
  size_t pages = __builtin_wasm_memory_size(0);
  uint64_t wanted = (end + PAGE - 1) / PAGE;
  if (wanted > 65535) out_of_memory();
  if (wanted > pages && __builtin_wasm_memory_grow(0, (size_t)wanted - pages) == (size_t)-1) {
    out_of_memory();
  }
  top = (uintptr_t)end;
  if (top > high_water) high_water = top;
}

/* Cuts what is more than `size` off the block and frees it. */
static void trim(block *b, size_t size) {
  if (b->size < size + 2 * sizeof(block)) return;
  block *rest = (block *)((uintptr_t)(b + 1) + size);
  rest->size = b->size - size - sizeof(block);
  b->size = size;
  free(rest + 1);
}

void *malloc(size_t bytes) {
  start();
  if (bytes > SIZE_MAX - PAGE) out_of_memory();
  size_t size = bytes == 0 ? ALIGNMENT : round_up(bytes, ALIGNMENT);
  for (block **link = &first_free; *link; link = &(*link)->next) {
    block *b = *link;
    if (b->size < size) continue;
    *link = b->next;
    trim(b, size);
    return b + 1;
  }
  block *b = (block *)top;
  raise_top((uint64_t)top + sizeof(block) + size);
  b->size = size;
  return b + 1;
}

void free(void *pointer) {
  if (!pointer) return;
  block *b = (block *)pointer - 1;
  block *before = NULL;
  block *after = first_free;
  while (after && after < b) {
    before = after;
    after = after->next;
  }
  b->next = after;
  if (before) before->next = b;
  else first_free = b;
  if (after && end_of(b) == (uintptr_t)after) {
    b->size += sizeof(block) + after->size;
    b->next = after->next;
  }
  if (before && end_of(before) == (uintptr_t)b) {
    before->size += sizeof(block) + b->size;
    before->next = b->next;
    b = before;
  }
  if (end_of(b) != top) return;
  top = (uintptr_t)b;
  block **link = &first_free;
  while (*link != b) link = &(*link)->next;
  *link = NULL;
}

void *calloc(size_t count, size_t each) {
  size_t bytes;
  if (__builtin_mul_overflow(count, each, &bytes)) out_of_memory();
  start();
  uintptr_t used = high_water;
  void *pointer = malloc(bytes);
  /* What was never used is zero, except for the block's own header. */
  if ((uintptr_t)pointer < used) {
    size_t dirty = used - (uintptr_t)pointer;
    memset(pointer, 0, dirty < bytes ? dirty : bytes);
  }
  return pointer;
}

void *realloc(void *pointer, size_t bytes) {
  if (!pointer) return malloc(bytes);
  if (bytes > SIZE_MAX - PAGE) out_of_memory();
  block *b = (block *)pointer - 1;
  size_t size = bytes == 0 ? ALIGNMENT : round_up(bytes, ALIGNMENT);
  if (size <= b->size) {
    trim(b, size);
    return pointer;
  }
  if (end_of(b) == top) {
    raise_top((uint64_t)(uintptr_t)pointer + size);
    b->size = size;
    return pointer;
  }
  void *moved = malloc(bytes);
  memcpy(moved, pointer, b->size);
  free(pointer);
  return moved;
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  if (alignment <= ALIGNMENT) return malloc(bytes);
  if (bytes > SIZE_MAX - PAGE - 2 * alignment) out_of_memory();
  size_t size = bytes == 0 ? ALIGNMENT : round_up(bytes, ALIGNMENT);
  block *b = (block *)malloc(size + alignment + 2 * sizeof(block)) - 1;
  uintptr_t at = round_up((uintptr_t)(b + 1), alignment);
  if (at != (uintptr_t)(b + 1)) {
    /* What lies before becomes a block of its own, which needs a header and something behind it. */
    while (at - (uintptr_t)(b + 1) < 2 * sizeof(block)) at += alignment;
    block *aligned = (block *)at - 1;
    aligned->size = end_of(b) - at;
    b->size = (uintptr_t)aligned - (uintptr_t)(b + 1);
    free(b + 1);
    b = aligned;
  }
  trim(b, size);
  return b + 1;
}

int posix_memalign(void **pointer, size_t alignment, size_t bytes) {
  *pointer = aligned_alloc(alignment, bytes);
  return 0;
}

_Noreturn void abort(void) { fail(FAIL_INTERNAL, "abort"); }

/* How far the module has written, bytes from 0: what must be zeroed for the next one. */
EXPORT(heap_end) size_t heap_end(void) {
  start();
  return high_water;
}

/* For what JavaScript hands over. */
EXPORT(allocate) void *allocate(size_t bytes) { return malloc(bytes); }

// The transforms of F(4×4, 3×3), with the points 0, ±1, ±2 and ∞, for sixteen channels at once.
#pragma once
#include "vectors.h"

namespace hebb {

constexpr int TILE = 4, PATCH = 6, PLANES = PATCH * PATCH;

/** Bᵀ d of six values with a stride of `step`, in place. */
inline void transformSix(Vec* d, int step) {
  const Vec a = d[0], b = d[step], c = d[2 * step];
  const Vec e = d[3 * step], f = d[4 * step], g = d[5 * step];
  d[0] = 4.0f * a - 5.0f * c + f;
  d[step] = (e + f) - 4.0f * (b + c);
  d[2 * step] = 4.0f * (b - c) + (f - e);
  d[3 * step] = 2.0f * (e - b) + (f - c);
  d[4 * step] = 2.0f * (b - e) + (f - c);
  d[5 * step] = 4.0f * b - 5.0f * e + g;
}

/** Bᵀ d B, in place. */
inline void transformPatch(Vec (&d)[PLANES]) {
  for (int j = 0; j < PATCH; j++) transformSix(d + j, PATCH);
  for (int i = 0; i < PATCH; i++) transformSix(d + i * PATCH, 1);
}

/** Aᵀ m of six values to four; both have a stride of `step`. */
inline void transformToFour(const Vec* m, Vec* out, int step) {
  const Vec p = m[step] + m[2 * step], q = m[step] - m[2 * step];
  const Vec r = m[3 * step] + m[4 * step], s = m[3 * step] - m[4 * step];
  out[0] = m[0] + p + r;
  out[step] = q + 2.0f * s;
  out[2 * step] = p + 4.0f * r;
  out[3 * step] = q + 8.0f * s + m[5 * step];
}

/** Aᵀ m A: [4, 4]. */
inline void transformBack(const Vec (&m)[PLANES], Vec (&out)[TILE * TILE]) {
  Vec half[TILE * PATCH];
  for (int j = 0; j < PATCH; j++) transformToFour(m + j, half + j, PATCH);
  for (int i = 0; i < TILE; i++) transformToFour(half + i * PATCH, out + i * TILE, 1);
}

}  // namespace hebb

// Local response normalisation across channels (Krizhevsky et al., 2012, section 3.3), in one pass:
// y = x · (bias + share · Σ x²)^-0.75, the sum over a channel and its neighbours.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "parallel.h"
#include "vectors.h"

namespace hebb {

constexpr int MOST_CHANNELS = 1024, MOST_RADIUS = 8;

template <class T>
struct Lrn {
  int64_t pixels;
  /** A multiple of 16, at most MOST_CHANNELS. */
  int channels;
  /** Neighbours on either side, at most MOST_RADIUS. */
  int radius;
  float bias, share;
  const T* x;  // [pixels, channels]
  T* y;        // [pixels, channels]
};

/** t^-0.75 by one division and two square roots, since there is no vector instruction for powers. */
inline Vec power(Vec t) {
  Vec result;
  for (int i = 0; i < LANES; i++) {
    const float root = std::sqrt(t[i]);
    result[i] = 1.0f / (root * std::sqrt(root));
  }
  return result;
}

template <class T>
void normalise(const Lrn<T>& n) {
  constexpr int64_t PIXELS = 256;  // per piece: some tens of kilobytes
  const int pieces = static_cast<int>((n.pixels + PIXELS - 1) / PIXELS);
  Pool::shared().run(pieces, [&](int piece) {
    float squares[MOST_RADIUS + MOST_CHANNELS + MOST_RADIUS] = {};  // zeros on either side
    float* middle = squares + MOST_RADIUS;
    const int64_t end = std::min(n.pixels, (piece + 1) * PIXELS);
    for (int64_t pixel = piece * PIXELS; pixel < end; pixel++) {
      const T* x = n.x + pixel * n.channels;
      T* y = n.y + pixel * n.channels;
      for (int c = 0; c < n.channels; c += LANES) {
        const Vec v = load(x + c);
        store(middle + c, v * v);
      }
      for (int c = 0; c < n.channels; c += LANES) {
        Vec sum = load(middle + c);
        for (int r = 1; r <= n.radius; r++) sum += load(middle + c - r) + load(middle + c + r);
        store(y + c, load(x + c) * power(n.bias + n.share * sum));
      }
    }
  });
}

}  // namespace hebb

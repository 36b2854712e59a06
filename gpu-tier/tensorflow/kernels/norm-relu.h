// Batch norm with the statistics of the batch (Ioffe and Szegedy 2015, algorithm 1) followed by ReLU, and their
// gradients, in three and five passes over memory instead of five and eight. The gradient recomputes the mask of
// the ReLU instead of reading it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "parallel.h"
#include "vectors.h"

namespace hebb {

template <class T>
struct Norm {
  int64_t pixels;  // of all images together
  int channels;    // a multiple of 16
  float epsilon;
  const T* x;  // [pixels, channels]
  const float *gamma, *beta;  // [channels], and so are the statistics
};

/** Sums this many values of a channel in float32, and the partial sums in double, in a fixed order. */
constexpr int64_t PIXELS_OF_PIECE = 512;
/** Channels whose sums stay in registers. */
constexpr int BLOCK = 4;

inline int piecesOf(int64_t pixels) {
  return static_cast<int>((pixels + PIXELS_OF_PIECE - 1) / PIXELS_OF_PIECE);
}

/**
 * Two sums of each channel over all pixels: [2][channels]. `add(pixel, c, first, second)` adds one register of
 * channels to both.
 */
template <class Add>
std::vector<double> twoSums(int64_t pixels, int channels, const Add& add) {
  const int pieces = piecesOf(pixels);
  const size_t width = 2 * static_cast<size_t>(channels);
  std::vector<float> partial(pieces * width);
  Pool::shared().run(pieces, [&](int piece) {
    float* out = partial.data() + piece * width;
    const int64_t begin = piece * PIXELS_OF_PIECE, end = std::min(pixels, begin + PIXELS_OF_PIECE);
    for (int from = 0; from < channels; from += BLOCK * LANES) {
      const int blocks = std::min(BLOCK, (channels - from) / LANES);
      Vec first[BLOCK] = {}, second[BLOCK] = {};
      if (blocks == BLOCK) {
        for (int64_t pixel = begin; pixel < end; pixel++)
          for (int i = 0; i < BLOCK; i++) add(pixel, from + i * LANES, first[i], second[i]);
      } else {
        for (int64_t pixel = begin; pixel < end; pixel++)
          for (int i = 0; i < blocks; i++) add(pixel, from + i * LANES, first[i], second[i]);
      }
      for (int i = 0; i < blocks; i++) {
        store(out + from + i * LANES, first[i]);
        store(out + channels + from + i * LANES, second[i]);
      }
    }
  });
  std::vector<double> sums(width);
  for (int piece = 0; piece < pieces; piece++)
    for (size_t i = 0; i < width; i++) sums[i] += partial[piece * width + i];
  return sums;
}

/** Calls `write(pixel, c)` for each register of channels of each pixel. */
template <class Write>
void everywhere(int64_t pixels, int channels, const Write& write) {
  Pool::shared().run(piecesOf(pixels), [&](int piece) {
    const int64_t begin = piece * PIXELS_OF_PIECE, end = std::min(pixels, begin + PIXELS_OF_PIECE);
    for (int64_t pixel = begin; pixel < end; pixel++)
      for (int c = 0; c < channels; c += LANES) write(pixel, c);
  });
}

/** Scale and shift of y = x · scale + shift, before the ReLU: [2][channels]. */
template <class T>
std::vector<float> scaleAndShift(const Norm<T>& n, const float* mean, const float* variance) {
  std::vector<float> line(2 * static_cast<size_t>(n.channels));
  const float biased = n.pixels > 1 ? static_cast<float>(n.pixels - 1) / n.pixels : 1;
  for (int c = 0; c < n.channels; c++) {
    const float scale = n.gamma[c] / std::sqrt(variance[c] * biased + n.epsilon);
    line[c] = scale;
    line[n.channels + c] = n.beta[c] - mean[c] * scale;
  }
  return line;
}

/** ReLU that keeps NaN, so that a diverging run is detected. */
inline Vec positive(Vec v) { return v < 0 ? Vec{} : v; }

/** Computes y, and the batch's mean and variance (with Bessel's correction). */
template <class T>
void normalise(const Norm<T>& n, T* y, float* mean, float* variance) {
  // Sums differences from a value of the channel, since the square of a large mean would cancel a small variance.
  std::vector<float> near(n.channels);
  for (int c = 0; c < n.channels; c += LANES) store(near.data() + c, load(n.x + c));
  const auto sums = twoSums(n.pixels, n.channels, [&](int64_t pixel, int c, Vec& first, Vec& second) {
    const Vec d = load(n.x + pixel * n.channels + c) - load(near.data() + c);
    first += d;
    second += d * d;
  });
  for (int c = 0; c < n.channels; c++) {
    const double first = sums[c], second = sums[n.channels + c];
    mean[c] = static_cast<float>(near[c] + first / n.pixels);
    const double squares = second - first * first / n.pixels;
    variance[c] = static_cast<float>(squares < 0 ? 0 : squares / std::max<int64_t>(1, n.pixels - 1));
  }
  const auto line = scaleAndShift(n, mean, variance);
  const float *scale = line.data(), *shift = scale + n.channels;
  everywhere(n.pixels, n.channels, [&](int64_t pixel, int c) {
    const int64_t at = pixel * n.channels + c;
    store(y + at, positive(load(n.x + at) * load(scale + c) + load(shift + c)));
  });
}

/** Computes dx and the gradients of gamma and beta from dy. */
template <class T>
void backward(
    const Norm<T>& n, const T* dy, const float* mean, const float* variance, T* dx, float* dgamma,
    float* dbeta) {
  const auto line = scaleAndShift(n, mean, variance);
  const float *scale = line.data(), *shift = scale + n.channels;
  /** dy where the ReLU was active, else 0. */
  const auto through = [&](int64_t at, int c, Vec x) -> Vec {
    return x * load(scale + c) + load(shift + c) > 0 ? load(dy + at) : Vec{};
  };
  const auto sums = twoSums(n.pixels, n.channels, [&](int64_t pixel, int c, Vec& first, Vec& second) {
    const int64_t at = pixel * n.channels + c;
    const Vec x = load(n.x + at), d = through(at, c, x);
    first += d;
    second += d * (x - load(mean + c));
  });
  // dx = scale · (d − Σ d / n − (x − mean) / deviation² · Σ d (x − mean) / n)
  std::vector<float> slope(n.channels), offset(n.channels);
  const double biased = n.pixels > 1 ? static_cast<double>(n.pixels - 1) / n.pixels : 1;
  for (int c = 0; c < n.channels; c++) {
    const double spread = variance[c] * biased + n.epsilon;
    const double first = sums[c], second = sums[n.channels + c];
    dbeta[c] = static_cast<float>(first);
    dgamma[c] = static_cast<float>(second / std::sqrt(spread));
    slope[c] = static_cast<float>(-second / spread / n.pixels);
    offset[c] = static_cast<float>(-first / n.pixels);
  }
  everywhere(n.pixels, n.channels, [&](int64_t pixel, int c) {
    const int64_t at = pixel * n.channels + c;
    const Vec x = load(n.x + at), d = through(at, c, x);
    const Vec rest = (x - load(mean + c)) * load(slope.data() + c) + load(offset.data() + c);
    store(dx + at, (d + rest) * load(scale + c));
  });
}

}  // namespace hebb

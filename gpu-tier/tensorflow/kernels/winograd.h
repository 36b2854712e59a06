// 3×3 convolutions (stride 1, padding 1) by Winograd's F(4×4, 3×3) (Lavin & Gray, "Fast Algorithms for Convolutional
// Neural Networks", arXiv 1509.09308): 36 multiplications where the definition has 144.
//
// Patches of 6×6 inputs, which overlap by two, are transformed to 36 planes. Each plane is a matrix product,
// [patches, inputs] × [inputs, outputs], whose results are transformed back to 4×4 outputs. All three steps run for
// one group of patches at a time, so that its planes stay in the cache.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "parallel.h"
#include "product.h"
#include "vectors.h"
#include "winograd-kernel.h"
#include "winograd-transform.h"

namespace hebb {

/** Limit of patches per group: 36 planes of 48 rows take half of a core's 1 MB cache for 64 inputs. */
constexpr int MOST_ROWS = 48;

template <class T>
struct Convolution {
  /** Channels are multiples of 16. */
  int images, height, width, inputs, outputs;
  const T* x;         // [images, height, width, inputs]
  const float* u;     // [36, panels, inputs, PANEL], of `transformKernels`
  const float* bias;  // [outputs]; null for no bias and no ReLU
  T* y;               // [images, height, width, outputs]

  int panels() const { return panelsOf(outputs); }
  int across() const { return (width + TILE - 1) / TILE; }
  int down() const { return (height + TILE - 1) / TILE; }
  int patches() const { return images * across() * down(); }
};

struct Place {
  int image, top, left;
};

template <class T>
Place placeOf(const Convolution<T>& k, int patch) {
  const int rest = patch % (k.across() * k.down());
  return {patch / (k.across() * k.down()), rest / k.across() * TILE, rest % k.across() * TILE};
}

/** Transforms a patch to its rows of the 36 planes, which are `plane` floats apart. */
template <class T>
void readPatch(const Convolution<T>& k, int patch, float* v, int plane) {
  const auto [image, top, left] = placeOf(k, patch);
  for (int c = 0; c < k.inputs; c += LANES) {
    Vec d[PLANES];
    for (int i = 0; i < PATCH; i++) {
      for (int j = 0; j < PATCH; j++) {
        const int y = top + i - 1, x = left + j - 1;
        const bool inside = y >= 0 && y < k.height && x >= 0 && x < k.width;
        const int64_t pixel = (static_cast<int64_t>(image) * k.height + y) * k.width + x;
        d[i * PATCH + j] = inside ? load(k.x + pixel * k.inputs + c) : Vec{};
      }
    }
    transformPatch(d);
    for (int p = 0; p < PLANES; p++) store(v + p * plane + c, d[p]);
  }
}

/** Writes a patch's 4×4 outputs of the panel that begins at output `first`. */
template <class T>
void writeTile(const Convolution<T>& k, int patch, const float* m, int plane, int first) {
  const auto [image, top, left] = placeOf(k, patch);
  const int rows = std::min(TILE, k.height - top), columns = std::min(TILE, k.width - left);
  for (int c = 0; c < PANEL && first + c < k.outputs; c += LANES) {
    Vec d[PLANES], out[TILE * TILE];
    for (int p = 0; p < PLANES; p++) d[p] = load(m + p * plane + c);
    transformBack(d, out);
    const Vec zero = {}, bias = k.bias ? load(k.bias + first + c) : zero;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        const Vec sum = out[i * TILE + j] + bias;
        const int64_t pixel = (static_cast<int64_t>(image) * k.height + top + i) * k.width + left + j;
        store(k.y + pixel * k.outputs + first + c, k.bias ? (sum > zero ? sum : zero) : sum);
      }
    }
  }
}

template <class T>
void convolve(const Convolution<T>& k) {
  const int threads = Pool::shared().threads(), patches = k.patches();
  const int share = (patches + threads - 1) / threads; // small batches: work for all threads
  const int group = std::min(MOST_ROWS, (share + 3) / 4 * 4);
  Pool::shared().run((patches + group - 1) / group, [&](int index) {
    static thread_local std::vector<float> memory; // per thread, reused by later calls
    const int vPlane = group * k.inputs, mPlane = group * PANEL;
    memory.resize(std::max<size_t>(memory.size(), PLANES * (vPlane + mPlane)));
    float* v = memory.data();
    float* m = v + PLANES * vPlane;
    const int first = index * group, count = std::min(group, patches - first);
    for (int t = 0; t < count; t++) readPatch(k, first + t, v + t * k.inputs, vPlane);
    for (int panel = 0; panel < k.panels(); panel++) {
      for (int p = 0; p < PLANES; p++) {
        const float* u = k.u + (static_cast<int64_t>(p) * k.panels() + panel) * k.inputs * PANEL;
        multiply(v + p * vPlane, count, k.inputs, u, m + p * mPlane);
      }
      for (int t = 0; t < count; t++) writeTile(k, first + t, m + t * PANEL, mPlane, panel * PANEL);
    }
  });
}

}  // namespace hebb

// The gradient of the kernels of 3×3 convolutions (stride 1, padding 1) by Winograd's F(3×3, 4×4): correlates 6×6
// inputs with 4×4 gradients to 3×3 results with 36 multiplications, where the definition has 144.
//
// The interpolation points are those of F(4×4, 3×3), so the inputs are transformed as in the forward pass
// (winograd.h). Each plane is again a matrix product, [inputs, patches] × [patches, outputs], summed over all
// patches and transformed to 3×3 once, at the end.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "parallel.h"
#include "product.h"
#include "vectors.h"
#include "winograd-transform.h"
#include "winograd.h"

namespace hebb {

/** Patches that are transformed at a time: some megabytes of planes, which all panels of outputs read. */
constexpr int PATCHES_AT_A_TIME = 480;

/** G g of four values to six; both have a stride of `step`. */
inline void expandFour(const Vec* g, Vec* out, int step) {
  const Vec a = g[0], b = g[step], c = g[2 * step], d = g[3 * step];
  const Vec even = a + c, odd = b + d;
  const Vec far = (1.0f / 24) * a + (1.0f / 6) * c, middle = (1.0f / 12) * b + (1.0f / 3) * d;
  out[0] = 0.25f * a;
  out[step] = (-1.0f / 6) * (even + odd);
  out[2 * step] = (-1.0f / 6) * (even - odd);
  out[3 * step] = far + middle;
  out[4 * step] = far - middle;
  out[5 * step] = d;
}

/** Aᵀ m of six values to three; both have a stride of `step`. */
inline void transformToThree(const Vec* m, Vec* out, int step) {
  const Vec p = m[step] + m[2 * step], r = m[3 * step] + m[4 * step];
  out[0] = m[0] + p + r;
  out[step] = (m[step] - m[2 * step]) + 2.0f * (m[3 * step] - m[4 * step]);
  out[2 * step] = p + 4.0f * r + m[5 * step];
}

/** Transforms a patch's 4×4 gradients for the panel that begins at output `first` to its rows of the 36 planes. */
template <class T>
void readGradients(const Convolution<T>& k, const T* dy, int patch, int first, float* w, int plane) {
  const auto [image, top, left] = placeOf(k, patch);
  for (int c = 0; c < PANEL; c += LANES) {
    Vec tile[TILE * TILE] = {}, wide[TILE * PATCH], planes[PLANES];
    for (int i = 0; i < TILE && top + i < k.height && first + c < k.outputs; i++) {
      for (int j = 0; j < TILE && left + j < k.width; j++) {
        const int64_t pixel = (static_cast<int64_t>(image) * k.height + top + i) * k.width + left + j;
        tile[i * TILE + j] = load(dy + pixel * k.outputs + first + c);
      }
    }
    // First the rows, then the columns, from four values to six.
    for (int i = 0; i < TILE; i++) expandFour(tile + i * TILE, wide + i * PATCH, 1);
    for (int j = 0; j < PATCH; j++) {
      const Vec column[TILE] = {wide[j], wide[PATCH + j], wide[2 * PATCH + j], wide[3 * PATCH + j]};
      Vec six[PATCH];
      expandFour(column, six, 1);
      for (int i = 0; i < PATCH; i++) planes[i * PATCH + j] = six[i];
    }
    for (int p = 0; p < PLANES; p++) store(w + p * plane + c, planes[p]);
  }
}

/** m [8, PANEL] += aᵀ b, of a [count, 8 of `inputs`] and b [count, PANEL]. */
inline void addProduct(const float* a, int inputs, const float* b, int count, float* m) {
  constexpr int HEIGHT = LANES == 16 ? 8 : 4;
  for (int row = 0; row < 8; row += HEIGHT) {
    for (int column = 0; column < PANEL; column += COLUMNS * LANES) {
      float* sums = m + row * PANEL + column;
      Vec sum[HEIGHT][COLUMNS];
      for (int r = 0; r < HEIGHT; r++)
        for (int k = 0; k < COLUMNS; k++) sum[r][k] = load(sums + r * PANEL + k * LANES);
      for (int i = 0; i < count; i++) {
        Vec right[COLUMNS];
        for (int k = 0; k < COLUMNS; k++) right[k] = load(b + i * PANEL + column + k * LANES);
#pragma GCC unroll 8
        for (int r = 0; r < HEIGHT; r++) {
          const float left = a[static_cast<int64_t>(i) * inputs + row + r];
          for (int k = 0; k < COLUMNS; k++) sum[r][k] += left * right[k];
        }
      }
      for (int r = 0; r < HEIGHT; r++)
        for (int k = 0; k < COLUMNS; k++) store(sums + r * PANEL + k * LANES, sum[r][k]);
    }
  }
}

/** Computes dk [3, 3, inputs, outputs]. */
template <class T>
void filterGradient(const Convolution<T>& k, const T* dy, T* dk) {
  static thread_local std::vector<float> memory; // per thread, reused by later calls
  const int patches = k.patches(), most = std::min(PATCHES_AT_A_TIME, patches);
  const size_t vPlane = static_cast<size_t>(most) * k.inputs, mPlane = static_cast<size_t>(k.inputs) * PANEL;
  const size_t mPanel = PLANES * mPlane;
  memory.resize(std::max(memory.size(), PLANES * vPlane + k.panels() * mPanel));
  float* v = memory.data();
  float* m = v + PLANES * vPlane;
  std::fill(m, m + k.panels() * mPanel, 0.0f);
  for (int begin = 0; begin < patches; begin += most) {
    const int count = std::min(most, patches - begin);
    Pool::shared().run(count, [&](int t) { readPatch(k, begin + t, v + t * k.inputs, vPlane); });
    Pool::shared().run(k.panels(), [&](int panel) {
      static thread_local std::vector<float> gradients(PLANES * MOST_ROWS * PANEL);
      constexpr int wPlane = MOST_ROWS * PANEL;
      float* w = gradients.data();
      for (int from = 0; from < count; from += MOST_ROWS) {
        const int rows = std::min(MOST_ROWS, count - from);
        for (int t = 0; t < rows; t++) {
          readGradients(k, dy, begin + from + t, panel * PANEL, w + t * PANEL, wPlane);
        }
        for (int p = 0; p < PLANES; p++) {
          const float* a = v + p * vPlane + static_cast<size_t>(from) * k.inputs;
          float* sums = m + panel * mPanel + p * mPlane;
          for (int c = 0; c < k.inputs; c += 8) {
            addProduct(a + c, k.inputs, w + p * wPlane, rows, sums + static_cast<size_t>(c) * PANEL);
          }
        }
      }
    });
  }
  Pool::shared().run(k.inputs, [&](int input) {
    for (int output = 0; output < k.outputs; output += LANES) {
      const float* sums = m + output / PANEL * mPanel + static_cast<size_t>(input) * PANEL + output % PANEL;
      Vec planes[PLANES], half[3 * PATCH], out[9];
      for (int p = 0; p < PLANES; p++) planes[p] = load(sums + p * mPlane);
      for (int j = 0; j < PATCH; j++) transformToThree(planes + j, half + j, PATCH);
      for (int i = 0; i < 3; i++) transformToThree(half + i * PATCH, out + i * 3, 1);
      for (int tap = 0; tap < 9; tap++) {
        store(dk + (static_cast<size_t>(tap) * k.inputs + input) * k.outputs + output, out[tap]);
      }
    }
  });
}

}  // namespace hebb

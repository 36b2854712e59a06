// Transforms the kernels of 3×3 convolutions: G g Gᵀ of F(4×4, 3×3), in the order in which they are read.
#pragma once
#include <cstddef>
#include <vector>

#include "parallel.h"
#include "product.h"
#include "winograd-transform.h"

namespace hebb {

inline int panelsOf(int outputs) { return (outputs + PANEL - 1) / PANEL; }

/**
 * [3, 3, inputs, outputs] to [36, panels, inputs, PANEL]; the last panel is padded with zeros. Computes in double
 * and rounds only the result.
 */
inline std::vector<float> transformKernels(const float* kernels, int inputs, int outputs) {
  static const double G[PATCH][3] = {{1.0 / 4, 0, 0},
                                     {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                     {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                     {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                     {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                     {0, 0, 1}};
  const int panels = panelsOf(outputs);
  std::vector<float> u(static_cast<size_t>(PLANES) * panels * inputs * PANEL);
  Pool::shared().run(inputs, [&](int input) {
    const auto weight = [&](int i, int j, int output) -> double {
      return kernels[(static_cast<size_t>(i * 3 + j) * inputs + input) * outputs + output];
    };
    for (int output = 0; output < outputs; output++) {
      double columns[PATCH][3]; // G g
      for (int p = 0; p < PATCH; p++) {
        for (int j = 0; j < 3; j++) {
          columns[p][j] = G[p][0] * weight(0, j, output) + G[p][1] * weight(1, j, output) +
              G[p][2] * weight(2, j, output);
        }
      }
      for (int plane = 0; plane < PLANES; plane++) {
        const double(&g)[3] = G[plane % PATCH];
        const double(&column)[3] = columns[plane / PATCH];
        const size_t row = (static_cast<size_t>(plane) * panels + output / PANEL) * inputs + input;
        u[row * PANEL + output % PANEL] = static_cast<float>(g[0] * column[0] + g[1] * column[1] + g[2] * column[2]);
      }
    }
  });
  return u;
}

/** G g of three values to six in `out`, with a stride of `step`. */
inline void expandThree(Vec a, Vec b, Vec c, Vec* out, int step) {
  const Vec even = a + c, far = (1.0f / 24) * a + (1.0f / 6) * c;
  out[0] = 0.25f * a;
  out[step] = (-1.0f / 6) * (even + b);
  out[2 * step] = (-1.0f / 6) * (even - b);
  out[3 * step] = far + (1.0f / 12) * b;
  out[4 * step] = far - (1.0f / 12) * b;
  out[5 * step] = c;
}

/**
 * The same in float32, many times as fast, for kernels that change at every training step. Writes to `u`, whose last
 * panel is padded with zeros.
 * @param turned For the gradient of the input: rotates the kernels by 180° and exchanges inputs and outputs.
 *     `kernels` is then [3, 3, outputs, inputs].
 */
inline void transformKernelsInto(
    std::vector<float>& u, const float* kernels, int inputs, int outputs, bool turned) {
  const int panels = panelsOf(outputs);
  u.resize(static_cast<size_t>(PLANES) * panels * inputs * PANEL);
  Pool::shared().run(inputs, [&](int input) {
    for (int output = 0; output < outputs; output += LANES) {
      Vec g[9], columns[PATCH * 3], planes[PLANES];
      for (int at = 0; at < 9; at++) {
        if (!turned) {
          g[at] = load(kernels + (static_cast<size_t>(at) * inputs + input) * outputs + output);
          continue;
        }
        const float* from = kernels + (static_cast<size_t>(8 - at) * outputs + output) * inputs + input;
        for (int lane = 0; lane < LANES; lane++) g[at][lane] = from[static_cast<size_t>(lane) * inputs];
      }
      for (int j = 0; j < 3; j++) expandThree(g[j], g[3 + j], g[6 + j], columns + j, 3);
      for (int i = 0; i < PATCH; i++) {
        expandThree(columns[i * 3], columns[i * 3 + 1], columns[i * 3 + 2], planes + i * PATCH, 1);
      }
      for (int plane = 0; plane < PLANES; plane++) {
        const size_t row = (static_cast<size_t>(plane) * panels + output / PANEL) * inputs + input;
        store(u.data() + row * PANEL + output % PANEL, planes[plane]);
      }
    }
  });
}

}  // namespace hebb

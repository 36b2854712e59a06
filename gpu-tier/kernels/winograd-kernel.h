// Kernels of 3×3 convolutions, transformed once: G g Gᵀ of F(4×4, 3×3), in the order in which they are read.
#pragma once
#include <cstddef>
#include <vector>

#include "parallel.h"
#include "product.h"
#include "winograd-transform.h"

namespace hebb {

inline int panelsOf(int outputs) { return (outputs + PANEL - 1) / PANEL; }

/**
 * [3, 3, inputs, outputs] to [36, panels, inputs, PANEL]; outputs that fill the last panel are zero. In
 * double precision, of which only the result is rounded.
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

}  // namespace hebb

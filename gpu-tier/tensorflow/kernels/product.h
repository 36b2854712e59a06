// Products of small matrices, with all sums in registers.
#pragma once
#include "vectors.h"

namespace hebb {

/** Adjacent columns of the right matrix in memory. */
constexpr int PANEL = 32;

/** Registers per row, and rows: 24 sums in the 32 registers of AVX-512, 12 in the 16 of AVX2. */
constexpr int COLUMNS = 2, ROWS = LANES == 16 ? 12 : 6;

/** `rows` × (COLUMNS · LANES) of a [rows, inner] × [inner, PANEL] product. */
template <int rows>
void multiplyBlock(const float* a, int inner, const float* b, float* c) {
  Vec sum[rows][COLUMNS] = {};
  for (int i = 0; i < inner; i++) {
    Vec right[COLUMNS];
    for (int k = 0; k < COLUMNS; k++) right[k] = load(b + i * PANEL + k * LANES);
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
      const float left = a[r * inner + i];
      for (int k = 0; k < COLUMNS; k++) sum[r][k] += left * right[k];
    }
  }
  for (int r = 0; r < rows; r++) {
    for (int k = 0; k < COLUMNS; k++) store(c + r * PANEL + k * LANES, sum[r][k]);
  }
}

/** [rows, inner] × [inner, PANEL], row-major. */
inline void multiply(const float* a, int rows, int inner, const float* b, float* c) {
  for (int column = 0; column < PANEL; column += COLUMNS * LANES) {
    int r = 0;
    const auto block = [&]<int height>() {
      for (; r + height <= rows; r += height) {
        multiplyBlock<height>(a + r * inner, inner, b + column, c + r * PANEL + column);
      }
    };
    block.template operator()<ROWS>();
    block.template operator()<ROWS / 3>();
    block.template operator()<1>();
  }
}

}  // namespace hebb

// Loads and stores registers of float32 from and to memory with float32 or bfloat16. Uses the vector types of GCC
// and Clang, which compile to the instructions of the CPU.
#pragma once
#include <cstdint>

namespace hebb {

#ifdef __AVX512F__
constexpr int LANES = 16;
#else
constexpr int LANES = 8;
#endif
typedef float Vec __attribute__((vector_size(LANES * 4)));
typedef uint32_t Bits __attribute__((vector_size(LANES * 4)));
typedef uint16_t Halves __attribute__((vector_size(LANES * 2)));
// The same for unaligned addresses.
typedef float LooseVec __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint16_t LooseHalves __attribute__((vector_size(LANES * 2), aligned(2), may_alias));

/** bfloat16: the upper half of a float32. */
struct bf16 {
  uint16_t bits;
};

inline Vec load(const float* p) { return *reinterpret_cast<const LooseVec*>(p); }

inline Vec load(const bf16* p) {
  const Halves upper = *reinterpret_cast<const LooseHalves*>(p);
  return reinterpret_cast<Vec>(__builtin_convertvector(upper, Bits) << 16);
}

inline void store(float* p, Vec v) { *reinterpret_cast<LooseVec*>(p) = v; }

/** Rounds to nearest, ties to even. */
inline void store(bf16* p, Vec v) {
  const Bits bits = reinterpret_cast<Bits>(v);
  const Bits rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  *reinterpret_cast<LooseHalves*>(p) = __builtin_convertvector(rounded, Halves);
}

}  // namespace hebb

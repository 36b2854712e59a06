// Kernels of our own for TensorFlow on the CPU, where its own are far from what the machine can do:
//
//     HebbLrn         local response normalisation in one pass; TensorFlow's needs a convolution or six
//                     passes over memory
//     HebbWinograd    3×3 convolution, bias and ReLU by F(4×4, 3×3); oneDNN computes by the definition
//
// gpu-tier/native/kernels.ts compiles this for the machine it runs on; gpu-tier/graph/kernels.ts puts
// the ops into the graph. Registered when the library is loaded, in every process once.
#include <cstdint>
#include <vector>

#include "kernel.h"
#include "lrn.h"
#include "winograd.h"

namespace hebb {
namespace {

// -- HebbLrn: x [n, h, w, c] --

struct LrnAttributes {
  int32_t radius = 0;
  float bias = 0, share = 0;
};

void* createLrn(TF_OpKernelConstruction* construction) {
  Attributes attributes(construction);
  return new LrnAttributes{
      attributes.integer("radius"), attributes.number("bias"), attributes.number("share")};
}

template <class T>
void computeLrn(void* kernel, TF_OpKernelContext* context) {
  const auto& lrn = *static_cast<LrnAttributes*>(kernel);
  Call call(context);
  const Tensor x = call.input(0);
  if (!call.expect(TF_NumDims(x.get()) == 4, "x must be [n, h, w, c].")) return;
  const auto size = [&](int i) { return TF_Dim(x.get(), i); };
  const bool fits = size(3) % 16 == 0 && size(3) <= MOST_CHANNELS && lrn.radius <= MOST_RADIUS;
  if (!call.expect(fits, "Channels must be a multiple of 16, at most 1024; the radius at most 8.")) return;
  const Tensor y = call.output(typeOf<T>, sizeof(T), {size(0), size(1), size(2), size(3)});
  if (!call.ok()) return;
  normalise(Lrn<T>{
      size(0) * size(1) * size(2), static_cast<int>(size(3)), lrn.radius, lrn.bias, lrn.share,
      static_cast<const T*>(TF_TensorData(x.get())), static_cast<T*>(TF_TensorData(y.get()))});
}

void sameShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, 0, shape, status);
  TF_DeleteShapeHandle(shape);
}

// -- HebbWinograd: x [n, h, w, inputs], kernel float32 [3, 3, inputs, outputs], bias [outputs] --

/** Kernel and bias are attributes, not inputs: so they are transformed once, when the op is made. */
struct WinogradAttributes {
  int inputs = 0, outputs = 0;
  std::vector<float> u, bias;
};

void* createWinograd(TF_OpKernelConstruction* construction) {
  Attributes attributes(construction);
  const Tensor kernel = attributes.tensor("kernel"), bias = attributes.tensor("bias");
  auto* winograd = new WinogradAttributes;
  if (!attributes.ok()) return winograd;
  const auto size = [&](int i) { return static_cast<int>(TF_Dim(kernel.get(), i)); };
  const bool fits = TF_NumDims(kernel.get()) == 4 && size(0) == 3 && size(1) == 3 && size(2) % 16 == 0 &&
      size(3) % 16 == 0 && TF_TensorByteSize(bias.get()) == sizeof(float) * size(3);
  if (!attributes.expect(fits, "The kernel must be [3, 3, 16 n, 16 m], the bias [16 m].")) return winograd;
  const auto* values = static_cast<const float*>(TF_TensorData(bias.get()));
  winograd->inputs = size(2);
  winograd->outputs = size(3);
  winograd->u = transformKernels(
      static_cast<const float*>(TF_TensorData(kernel.get())), size(2), size(3));
  winograd->bias.assign(values, values + size(3));
  return winograd;
}

template <class T>
void computeWinograd(void* kernel, TF_OpKernelContext* context) {
  const auto& winograd = *static_cast<WinogradAttributes*>(kernel);
  Call call(context);
  const Tensor x = call.input(0);
  if (!call.expect(TF_NumDims(x.get()) == 4, "x must be [n, h, w, inputs].")) return;
  const auto size = [&](int i) { return static_cast<int>(TF_Dim(x.get(), i)); };
  if (!call.expect(size(3) == winograd.inputs, "x has other channels than the kernel.")) return;
  const Tensor y = call.output(typeOf<T>, sizeof(T), {size(0), size(1), size(2), winograd.outputs});
  if (!call.ok()) return;
  convolve(Convolution<T>{
      size(0), size(1), size(2), winograd.inputs, winograd.outputs,
      static_cast<const T*>(TF_TensorData(x.get())), winograd.u.data(), winograd.bias.data(),
      static_cast<T*>(TF_TensorData(y.get()))});
}

void unknownShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

template <class Kernel>
void destroy(void* kernel) {
  delete static_cast<Kernel*>(kernel);
}

template <class T>
void registerKernels() {
  registerKernel<T>("HebbLrn", createLrn, computeLrn<T>, destroy<LrnAttributes>);
  registerKernel<T>("HebbWinograd", createWinograd, computeWinograd<T>, destroy<WinogradAttributes>);
}

void registerAll() {
  registerOp({"HebbLrn", {"x: T"}, {"radius: int", "bias: float", "share: float"}, sameShape});
  registerOp({"HebbWinograd", {"x: T"}, {"kernel: tensor", "bias: tensor"}, unknownShape});
  registerKernels<float>();
  registerKernels<bf16>();
}

}  // namespace
}  // namespace hebb

/** Node-API's way in (an addon may give any value): `require` loads the library, and that is all. */
extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  static const bool once = (hebb::registerAll(), true);
  (void)once;
  return exports;
}

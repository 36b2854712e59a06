// Kernels of our own for TensorFlow on the CPU, where its own are far from what the machine can do:
//
//     HebbLrn         local response normalisation in one pass; TensorFlow's needs a convolution or six
//                     passes over memory
//     HebbWinograd    3×3 convolution, bias and ReLU by F(4×4, 3×3); oneDNN computes by the definition
//
// gpu-tier/native/kernels.ts compiles this for the machine it runs on; gpu-tier/graph/kernels.ts puts
// the ops into the graph. Registered when the library is loaded, in every process once.
#include <cstdint>

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
  const Status status(TF_NewStatus());
  auto* lrn = new LrnAttributes;
  TF_OpKernelConstruction_GetAttrInt32(construction, "radius", &lrn->radius, status.get());
  TF_OpKernelConstruction_GetAttrFloat(construction, "bias", &lrn->bias, status.get());
  TF_OpKernelConstruction_GetAttrFloat(construction, "share", &lrn->share, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return lrn;
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

// -- HebbWinograd: x [n, h, w, inputs], kernel float32 [36, panels, inputs, 32], bias [panels · 32] --

struct WinogradAttributes {
  int32_t outputs = 0;
};

void* createWinograd(TF_OpKernelConstruction* construction) {
  const Status status(TF_NewStatus());
  auto* winograd = new WinogradAttributes;
  TF_OpKernelConstruction_GetAttrInt32(construction, "outputs", &winograd->outputs, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return winograd;
}

template <class T>
void computeWinograd(void* kernel, TF_OpKernelContext* context) {
  const int outputs = static_cast<WinogradAttributes*>(kernel)->outputs;
  Call call(context);
  const Tensor x = call.input(0), u = call.input(1), bias = call.input(2);
  if (!call.expect(TF_NumDims(x.get()) == 4, "x must be [n, h, w, inputs].")) return;
  const auto size = [&](int i) { return static_cast<int>(TF_Dim(x.get(), i)); };
  const int inputs = size(3), panels = (outputs + PANEL - 1) / PANEL;
  const bool fits = inputs % 16 == 0 && outputs % 16 == 0 &&
      TF_TensorByteSize(u.get()) == sizeof(float) * PLANES * panels * inputs * PANEL &&
      TF_TensorByteSize(bias.get()) == sizeof(float) * panels * PANEL;
  if (!call.expect(fits, "Channels must be multiples of 16, and the kernel and the bias theirs.")) return;
  const Tensor y = call.output(typeOf<T>, sizeof(T), {size(0), size(1), size(2), outputs});
  if (!call.ok()) return;
  convolve(Convolution<T>{
      size(0), size(1), size(2), inputs, outputs, static_cast<const T*>(TF_TensorData(x.get())),
      static_cast<const float*>(TF_TensorData(u.get())),
      static_cast<const float*>(TF_TensorData(bias.get())), static_cast<T*>(TF_TensorData(y.get()))});
}

void unknownShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

template <class Attributes>
void destroy(void* kernel) {
  delete static_cast<Attributes*>(kernel);
}

template <class T>
void registerKernels() {
  registerKernel<T>("HebbLrn", createLrn, computeLrn<T>, destroy<LrnAttributes>);
  registerKernel<T>("HebbWinograd", createWinograd, computeWinograd<T>, destroy<WinogradAttributes>);
}

void registerAll() {
  registerOp({"HebbLrn", {"x: T"}, {"radius: int", "bias: float", "share: float"}, sameShape});
  registerOp({"HebbWinograd", {"x: T", "kernel: float", "bias: float"}, {"outputs: int"}, unknownShape});
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

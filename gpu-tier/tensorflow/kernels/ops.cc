// Our own kernels for TensorFlow on the CPU, for ops that are slow there:
//
//     HebbLrn         local response normalisation in one pass; TensorFlow's needs a convolution or six
//                     passes over memory
//     HebbWinograd    3×3 convolution, bias and ReLU by F(4×4, 3×3); oneDNN computes by the definition
//     HebbWinogradForward, HebbWinogradBackward, HebbWinogradFilter
//                     the convolution with trainable kernels, and its gradients of the input and of the
//                     kernels
//     HebbNormRelu, HebbNormReluGrad
//                     batch norm in training followed by ReLU, and their gradients
//
// gpu-tier/tensorflow/native/kernels.ts compiles this for the machine it runs on; gpu-tier/tensorflow/graph/own-kernels.ts puts
// the ops into the graph. Loading the library registers them, once per process.
#include <cstdint>
#include <mutex>
#include <vector>

#include "kernel.h"
#include "lrn.h"
#include "norm-relu.h"
#include "winograd.h"
#include "winograd-filter.h"

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

/** Kernel and bias are attributes instead of inputs, so that they are transformed once, at construction. */
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

// -- x [n, h, w, inputs], kernel float32 [3, 3, inputs, outputs]; backward [3, 3, outputs, inputs] --

/** Memory of the transformed kernels, reused at the next step. */
struct Workspace {
  std::mutex mutex;
  std::vector<float> u;
};

void* createWorkspace(TF_OpKernelConstruction*) { return new Workspace; }

template <class T, bool backward>
void computeTrained(void* kernel, TF_OpKernelContext* context) {
  auto& workspace = *static_cast<Workspace*>(kernel);
  Call call(context);
  const Tensor x = call.input(0), g = call.input(1);
  const bool ranks = call.ok() && TF_NumDims(x.get()) == 4 && TF_NumDims(g.get()) == 4;
  if (!call.expect(ranks, "x must be [n, h, w, c], the kernel [3, 3, c, d].")) return;
  const auto size = [&](int i) { return static_cast<int>(TF_Dim(x.get(), i)); };
  const auto width = [&](int i) { return static_cast<int>(TF_Dim(g.get(), i)); };
  const int inputs = width(backward ? 3 : 2), outputs = width(backward ? 2 : 3);
  const bool fits = width(0) == 3 && width(1) == 3 && inputs % 16 == 0 && outputs % 16 == 0;
  if (!call.expect(fits && size(3) == inputs, "Channels must be multiples of 16, and fit.")) return;
  const Tensor y = call.output(typeOf<T>, sizeof(T), {size(0), size(1), size(2), outputs});
  if (!call.ok()) return;
  const std::lock_guard lock(workspace.mutex);
  const auto* kernels = static_cast<const float*>(TF_TensorData(g.get()));
  transformKernelsInto(workspace.u, kernels, inputs, outputs, backward);
  convolve(Convolution<T>{
      size(0), size(1), size(2), inputs, outputs, static_cast<const T*>(TF_TensorData(x.get())),
      workspace.u.data(), nullptr, static_cast<T*>(TF_TensorData(y.get()))});
}

template <class T>
void computeFilter(void*, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor x = call.input(0), dy = call.input(1);
  const bool ranks = call.ok() && TF_NumDims(x.get()) == 4 && TF_NumDims(dy.get()) == 4;
  if (!call.expect(ranks, "x must be [n, h, w, c], dy [n, h, w, d].")) return;
  const auto size = [&](int i) { return static_cast<int>(TF_Dim(x.get(), i)); };
  const int outputs = static_cast<int>(TF_Dim(dy.get(), 3));
  bool fits = size(3) % 16 == 0 && outputs % 16 == 0;
  for (int i = 0; i < 3; i++) fits = fits && TF_Dim(dy.get(), i) == size(i);
  if (!call.expect(fits, "Channels must be multiples of 16; x and dy must have as many pixels.")) return;
  const Tensor dk = call.output(typeOf<T>, sizeof(T), {3, 3, size(3), outputs});
  if (!call.ok()) return;
  const Convolution<T> k{
      size(0), size(1), size(2), size(3), outputs, static_cast<const T*>(TF_TensorData(x.get()))};
  filterGradient(
      k, static_cast<const T*>(TF_TensorData(dy.get())), static_cast<T*>(TF_TensorData(dk.get())));
}

/** The shape of x, with the channels of the output. */
template <bool backward>
void trainedShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  struct Handle {
    TF_ShapeHandle* shape = TF_NewShapeHandle();
    ~Handle() { TF_DeleteShapeHandle(shape); }
  } x, kernel, images, channels, y;
  const auto then = [&](auto step) {
    if (TF_GetCode(status) == TF_OK) step();
  };
  const int at = backward ? 2 : 3;
  TF_ShapeInferenceContextGetInput(context, 0, x.shape, status);
  then([&] { TF_ShapeInferenceContextGetInput(context, 1, kernel.shape, status); });
  then([&] { TF_ShapeInferenceContextWithRank(context, x.shape, 4, x.shape, status); });
  then([&] { TF_ShapeInferenceContextWithRank(context, kernel.shape, 4, kernel.shape, status); });
  then([&] { TF_ShapeInferenceContextSubshape(context, x.shape, 0, 3, images.shape, status); });
  then([&] { TF_ShapeInferenceContextSubshape(context, kernel.shape, at, at + 1, channels.shape, status); });
  then([&] {
    TF_ShapeInferenceContextConcatenateShapes(context, images.shape, channels.shape, y.shape, status);
  });
  then([&] { TF_ShapeInferenceContextSetOutput(context, 0, y.shape, status); });
}

// -- HebbNormRelu: x [n, h, w, c], gamma and beta float32 [c]; HebbNormReluGrad: dy first, the statistics last --

struct NormAttributes {
  float epsilon = 0;
};

void* createNorm(TF_OpKernelConstruction* construction) {
  return new NormAttributes{Attributes(construction).number("epsilon")};
}

/** Reads and checks the inputs that both ops have; the call fails if they do not match. */
template <class T>
Norm<T> normOf(Call& call, const void* kernel, const Tensor& x, const Tensor& gamma, const Tensor& beta) {
  Norm<T> n = {};
  if (!call.expect(call.ok() && TF_NumDims(x.get()) == 4, "x must be [n, h, w, c].")) return n;
  const auto size = [&](int i) { return TF_Dim(x.get(), i); };
  n.pixels = size(0) * size(1) * size(2);
  n.channels = static_cast<int>(size(3));
  n.epsilon = static_cast<const NormAttributes*>(kernel)->epsilon;
  const size_t bytes = sizeof(float) * n.channels;
  const bool fits = n.channels % 16 == 0 && n.pixels > 0 && TF_TensorByteSize(gamma.get()) == bytes &&
      TF_TensorByteSize(beta.get()) == bytes;
  call.expect(fits, "Channels must be a multiple of 16, and gamma and beta have as many; x must not be empty.");
  n.x = static_cast<const T*>(TF_TensorData(x.get()));
  n.gamma = static_cast<const float*>(TF_TensorData(gamma.get()));
  n.beta = static_cast<const float*>(TF_TensorData(beta.get()));
  return n;
}

float* floats(const Tensor& tensor) { return static_cast<float*>(TF_TensorData(tensor.get())); }

template <class T>
void computeNorm(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor x = call.input(0), gamma = call.input(1), beta = call.input(2);
  const Norm<T> n = normOf<T>(call, kernel, x, gamma, beta);
  if (!call.ok()) return;
  const auto size = [&](int i) { return TF_Dim(x.get(), i); };
  const Tensor y = call.output(typeOf<T>, sizeof(T), {size(0), size(1), size(2), size(3)});
  const Tensor mean = call.output(TF_FLOAT, sizeof(float), {size(3)}, 1);
  const Tensor variance = call.output(TF_FLOAT, sizeof(float), {size(3)}, 2);
  if (!call.ok()) return;
  normalise(n, static_cast<T*>(TF_TensorData(y.get())), floats(mean), floats(variance));
}

template <class T>
void computeNormGrad(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor dy = call.input(0), x = call.input(1), gamma = call.input(2), beta = call.input(3);
  const Tensor mean = call.input(4), variance = call.input(5);
  const Norm<T> n = normOf<T>(call, kernel, x, gamma, beta);
  if (!call.ok()) return;
  const size_t bytes = sizeof(float) * n.channels;
  const bool fits = TF_TensorByteSize(dy.get()) == TF_TensorByteSize(x.get()) &&
      TF_TensorByteSize(mean.get()) == bytes && TF_TensorByteSize(variance.get()) == bytes;
  if (!call.expect(fits, "dy must be like x, the statistics like gamma.")) return;
  const auto size = [&](int i) { return TF_Dim(x.get(), i); };
  const Tensor dx = call.output(typeOf<T>, sizeof(T), {size(0), size(1), size(2), size(3)});
  const Tensor dgamma = call.output(TF_FLOAT, sizeof(float), {size(3)}, 1);
  const Tensor dbeta = call.output(TF_FLOAT, sizeof(float), {size(3)}, 2);
  if (!call.ok()) return;
  backward(
      n, static_cast<const T*>(TF_TensorData(dy.get())), floats(mean), floats(variance),
      static_cast<T*>(TF_TensorData(dx.get())), floats(dgamma), floats(dbeta));
}

/** The shapes of x and gamma, which are the inputs `x` and `x + 1`. */
template <int x>
void normShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  for (int output = 0; output < 3 && TF_GetCode(status) == TF_OK; output++) {
    TF_ShapeInferenceContextGetInput(context, output == 0 ? x : x + 1, shape, status);
    if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output, shape, status);
  }
  TF_DeleteShapeHandle(shape);
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
  registerKernel<T>(
      "HebbWinogradForward", createWorkspace, computeTrained<T, false>, destroy<Workspace>);
  registerKernel<T>(
      "HebbWinogradBackward", createWorkspace, computeTrained<T, true>, destroy<Workspace>);
  registerKernel<T>("HebbWinogradFilter", nullptr, computeFilter<T>, nullptr);
  registerKernel<T>("HebbNormRelu", createNorm, computeNorm<T>, destroy<NormAttributes>);
  registerKernel<T>("HebbNormReluGrad", createNorm, computeNormGrad<T>, destroy<NormAttributes>);
}

void registerAll() {
  registerOp({"HebbLrn", {"x: T"}, {"radius: int", "bias: float", "share: float"}, sameShape});
  registerOp({"HebbWinograd", {"x: T"}, {"kernel: tensor", "bias: tensor"}, unknownShape});
  registerOp({"HebbWinogradForward", {"x: T", "kernel: float"}, {}, trainedShape<false>});
  registerOp({"HebbWinogradBackward", {"x: T", "kernel: float"}, {}, trainedShape<true>});
  registerOp({"HebbWinogradFilter", {"x: T", "dy: T"}, {}, unknownShape, {"dk: T"}});
  registerOp({"HebbNormRelu", {"x: T", "gamma: float", "beta: float"}, {"epsilon: float"}, normShape<0>,
              {"y: T", "mean: float", "variance: float"}});
  registerOp({"HebbNormReluGrad",
              {"dy: T", "x: T", "gamma: float", "beta: float", "mean: float", "variance: float"},
              {"epsilon: float"}, normShape<1>, {"dx: T", "dgamma: float", "dbeta: float"}});
  registerKernels<float>();
  registerKernels<bf16>();
}

}  // namespace
}  // namespace hebb

/** Entry point of Node-API, which may return any value: `require` only has to load the library. */
extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  static const bool once = (hebb::registerAll(), true);
  (void)once;
  return exports;
}

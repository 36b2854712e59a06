// Adapts kernels to TensorFlow's C interface: inputs, outputs and errors.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "tensorflow.h"
#include "vectors.h"

namespace hebb {

struct Free {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
};
typedef std::unique_ptr<TF_Tensor, Free> Tensor;
typedef std::unique_ptr<TF_Status, Free> Status;

template <class T> constexpr TF_DataType typeOf = TF_FLOAT;
template <> inline constexpr TF_DataType typeOf<bf16> = TF_BFLOAT16;

/** Calls TensorFlow until the first failure, which it reports with `fail`; later calls do nothing. */
template <class Context, void (*fail)(Context*, TF_Status*)>
class Checked {
 public:
  explicit Checked(Context* context) : context_(context), status_(TF_NewStatus()) {}

  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  /** Fails with the message unless `holds`. Returns whether there was no failure so far. */
  bool expect(bool holds, const char* message) {
    if (!ok() || holds) return ok();
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message);
    fail(context_, status_.get());
    return false;
  }

 protected:
  /** Calls `ask`, which may set `value`, and returns `value`. */
  template <class Value, class Ask>
  Value get(Value value, Ask ask) {
    if (!ok()) return value;
    ask(context_, &value, status_.get());
    if (!ok()) fail(context_, status_.get());
    return value;
  }

 private:
  Context* context_;
  Status status_;
};

/** One run of an op. */
class Call : public Checked<TF_OpKernelContext, TF_OpKernelContext_Failure> {
 public:
  using Checked::Checked;

  Tensor input(int index) {
    return Tensor(get<TF_Tensor*>(nullptr, [&](auto* context, auto* value, auto* status) {
      TF_GetInput(context, index, value, status);
    }));
  }

  Tensor output(TF_DataType type, size_t width, std::initializer_list<int64_t> sizes, int index = 0) {
    size_t bytes = width;
    for (const int64_t size : sizes) bytes *= size;
    const int rank = static_cast<int>(sizes.size());
    return Tensor(get<TF_Tensor*>(nullptr, [&](auto* context, auto* value, auto* status) {
      *value = TF_AllocateOutput(context, index, type, sizes.begin(), rank, bytes, status);
    }));
  }
};

/** The attributes of an op, at its construction. */
class Attributes : public Checked<TF_OpKernelConstruction, TF_OpKernelConstruction_Failure> {
 public:
  using Checked::Checked;

  int32_t integer(const char* name) {
    return get<int32_t>(0, [&](auto* context, auto* value, auto* status) {
      TF_OpKernelConstruction_GetAttrInt32(context, name, value, status);
    });
  }

  float number(const char* name) {
    return get<float>(0, [&](auto* context, auto* value, auto* status) {
      TF_OpKernelConstruction_GetAttrFloat(context, name, value, status);
    });
  }

  Tensor tensor(const char* name) {
    return Tensor(get<TF_Tensor*>(nullptr, [&](auto* context, auto* value, auto* status) {
      TF_OpKernelConstruction_GetAttrTensor(context, name, value, status);
    }));
  }
};

/** The registration of an op. */
struct Op {
  const char* name;
  std::vector<const char*> inputs, attributes;
  void (*shape)(TF_ShapeInferenceContext*, TF_Status*);
  std::vector<const char*> outputs = {"y: T"};
};

inline void registerOp(const Op& op) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(op.name);
  for (const char* input : op.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : op.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16}");
  for (const char* attribute : op.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, op.shape);
  TF_RegisterOpDefinition(builder, Status(TF_NewStatus()).get());
}

typedef void* Create(TF_OpKernelConstruction*);
typedef void Compute(void*, TF_OpKernelContext*);
typedef void Destroy(void*);

template <class T>
void registerKernel(const char* op, Create* create, Compute* compute, Destroy* destroy) {
  const Status status(TF_NewStatus());
  TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU", create, compute, destroy);
  TF_KernelBuilder_TypeConstraint(builder, "T", typeOf<T>, status.get());
  TF_RegisterKernelBuilder(op, builder, status.get());
}

}  // namespace hebb

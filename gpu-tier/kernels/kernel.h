// Between TensorFlow's C interface and the kernels: inputs, outputs, and what goes wrong.
#pragma once
#include <array>
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

/** One run of an op. After a failure nothing more is computed. */
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}

  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    if (ok()) TF_GetInput(context_, index, &tensor, status_.get());
    return check(Tensor(tensor));
  }

  Tensor output(TF_DataType type, size_t width, std::initializer_list<int64_t> sizes) {
    size_t bytes = width;
    for (const int64_t size : sizes) bytes *= size;
    const int rank = static_cast<int>(sizes.size());
    return check(Tensor(TF_AllocateOutput(context_, 0, type, sizes.begin(), rank, bytes, status_.get())));
  }

  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  /** False, and the run has failed with the message, unless `holds`. */
  bool expect(bool holds, const char* message) {
    if (!ok()) return false;
    if (holds) return true;
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message);
    TF_OpKernelContext_Failure(context_, status_.get());
    return false;
  }

 private:
  Tensor check(Tensor tensor) {
    if (!ok()) TF_OpKernelContext_Failure(context_, status_.get());
    return tensor;
  }

  TF_OpKernelContext* context_;
  Status status_;
};

/** What an op is made with. After a failure the session cannot run it. */
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction)
      : construction_(construction), status_(TF_NewStatus()) {}

  int32_t integer(const char* name) {
    int32_t value = 0;
    if (ok()) TF_OpKernelConstruction_GetAttrInt32(construction_, name, &value, status_.get());
    return check(value);
  }

  float number(const char* name) {
    float value = 0;
    if (ok()) TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_.get());
    return check(value);
  }

  Tensor tensor(const char* name) {
    TF_Tensor* value = nullptr;
    if (ok()) TF_OpKernelConstruction_GetAttrTensor(construction_, name, &value, status_.get());
    return check(Tensor(value));
  }

  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  /** False, and there is no such op, unless `holds`. */
  bool expect(bool holds, const char* message) {
    if (holds) return true;
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message);
    TF_OpKernelConstruction_Failure(construction_, status_.get());
    return false;
  }

 private:
  template <class Value>
  Value check(Value value) {
    if (!ok()) TF_OpKernelConstruction_Failure(construction_, status_.get());
    return value;
  }

  TF_OpKernelConstruction* construction_;
  Status status_;
};

/** What an op is registered with. */
struct Op {
  const char* name;
  std::vector<const char*> inputs, attributes;
  void (*shape)(TF_ShapeInferenceContext*, TF_Status*);
};

inline void registerOp(const Op& op) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(op.name);
  for (const char* input : op.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  TF_OpDefinitionBuilderAddOutput(builder, "y: T");
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

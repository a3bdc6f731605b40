// The C data interface of Apache Arrow: three structs that are its published
// and frozen ABI, so no library of Arrow is needed to speak it.
// https://arrow.apache.org/docs/format/CDataInterface.html

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_ARROW_ABI_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_ARROW_ABI_H_

#include <cstdint>

namespace tocsin::python {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

inline constexpr int64_t kArrowNullable = 2;  // A flag of ArrowSchema.

// Owns what a producer filled in.
template <typename Struct>
class ArrowOwned {
 public:
  ArrowOwned() : value_() {}
  ~ArrowOwned() {
    if (value_.release != nullptr) value_.release(&value_);
  }
  ArrowOwned(const ArrowOwned&) = delete;
  ArrowOwned& operator=(const ArrowOwned&) = delete;

  Struct* get() { return &value_; }
  Struct& operator*() { return value_; }
  bool released() const { return value_.release == nullptr; }

 private:
  Struct value_;
};

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_ARROW_ABI_H_

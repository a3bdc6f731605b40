#include "arrow_write.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_abi.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

struct Field {
  const char* name;
  const char* format;  // "U": text with 64-bit offsets.
};
constexpr std::array<Field, 8> kFields = {{{"kind", "U"},
                                           {"id", "U"},
                                           {"time", "tsn:UTC"},
                                           {"rule_id", "U"},
                                           {"rule_title", "U"},
                                           {"rule_level", "U"},
                                           {"line", "l"},
                                           {"json", "U"}}};

// The memory of one column, of whichever type.
struct ColumnMemory {
  std::vector<int64_t> numbers;  // Values, or offsets of texts.
  std::string texts;
  std::vector<uint8_t> valid;  // A bit a row; empty: all are.
  std::array<const void*, 3> buffers = {};
};

// Everything that one exported array points to.
struct ArrayMemory {
  std::array<ColumnMemory, kFields.size()> columns;
  std::array<ArrowArray, kFields.size()> children = {};
  std::array<ArrowArray*, kFields.size()> child_pointers = {};
  std::array<const void*, 1> no_nulls = {nullptr};
};

struct SchemaMemory {
  std::array<ArrowSchema, kFields.size()> children = {};
  std::array<ArrowSchema*, kFields.size()> child_pointers = {};
};

struct StreamMemory {
  std::shared_ptr<const Batch> batch;
  bool done = false;
};

// Children lie in the memory of their parent: a consumer may take one out of
// it, but then Arrow wants it to be moved, and to release itself. So each child
// holds the memory too.
template <typename Struct, typename Memory>
struct Holder {
  std::shared_ptr<Memory> memory;

  static void Release(Struct* released) {
    for (int64_t i = 0; i < released->n_children; ++i) {
      Struct* child = released->children[i];
      if (child->release != nullptr) child->release(child);
    }
    delete static_cast<Holder*>(released->private_data);
    released->release = nullptr;
  }

  static void Set(Struct* owner, const std::shared_ptr<Memory>& memory) {
    owner->private_data = new Holder{memory};
    owner->release = Release;
  }
};

int GetSchema(ArrowArrayStream* /*stream*/, ArrowSchema* out) {
  const auto memory = std::make_shared<SchemaMemory>();
  for (size_t i = 0; i < kFields.size(); ++i) {
    ArrowSchema& child = memory->children[i];
    child.format = kFields[i].format;
    child.name = kFields[i].name;
    child.flags =
        kFields[i].name == std::string_view("time") ? kArrowNullable : 0;
    Holder<ArrowSchema, SchemaMemory>::Set(&child, memory);
    memory->child_pointers[i] = &child;
  }
  *out = {};
  out->format = "+s";
  out->name = "";
  out->n_children = static_cast<int64_t>(kFields.size());
  out->children = memory->child_pointers.data();
  Holder<ArrowSchema, SchemaMemory>::Set(out, memory);
  return 0;
}

const char* NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kDetection:
      return "detection";
    case FindingKind::kIncident:
    case FindingKind::kClosed:
      return "incident";
    case FindingKind::kResponse:
      return "response";
    case FindingKind::kSuppressed:
      return "suppressed";
    case FindingKind::kAnomaly:
      break;
  }
  return "anomaly";
}

void AddText(std::string_view text, ColumnMemory* column) {
  column->texts += text;
  column->numbers.push_back(static_cast<int64_t>(column->texts.size()));
}

void AddRow(const Batch& batch, const Finding& finding, size_t row,
            std::array<ColumnMemory, kFields.size()>* columns) {
  auto& [kind, id, time, rule_id, title, level, line, json] = *columns;
  AddText(NameOf(finding.kind), &kind);
  AddText(IdOf(finding), &id);
  time.numbers.push_back(finding.time.nanos());
  if (finding.has_time) {
    time.valid[row / 8] |= static_cast<uint8_t>(1 << (row % 8));
  }
  static const RuleInfo kNoRule;
  const RuleInfo& rule = finding.rule != nullptr ? *finding.rule : kNoRule;
  AddText(rule.id, &rule_id);
  AddText(rule.title, &title);
  AddText(rule.level, &level);
  line.numbers.push_back(finding.line);
  AddText(batch.body(finding), &json);
}

int GetNext(ArrowArrayStream* stream, ArrowArray* out) {
  auto& state = *static_cast<StreamMemory*>(stream->private_data);
  *out = {};
  if (std::exchange(state.done, true)) return 0;  // Released: the end.

  const Batch& batch = *state.batch;
  const size_t rows = batch.findings.size();
  const auto memory = std::make_shared<ArrayMemory>();
  for (size_t i = 0; i < kFields.size(); ++i) {
    if (kFields[i].format == std::string_view("U")) {
      memory->columns[i].numbers.push_back(0);
    }
  }
  ColumnMemory& time = memory->columns[2];
  time.valid.resize((rows + 7) / 8);
  for (size_t row = 0; row < rows; ++row) {
    AddRow(batch, batch.findings[row], row, &memory->columns);
  }

  for (size_t i = 0; i < kFields.size(); ++i) {
    ColumnMemory& column = memory->columns[i];
    ArrowArray& child = memory->children[i];
    const bool is_text = kFields[i].format == std::string_view("U");
    column.buffers = {column.valid.empty() ? nullptr : column.valid.data(),
                      column.numbers.data(), column.texts.data()};
    child.length = static_cast<int64_t>(rows);
    child.null_count = column.valid.empty() ? 0 : -1;
    child.n_buffers = is_text ? 3 : 2;
    child.buffers = column.buffers.data();
    Holder<ArrowArray, ArrayMemory>::Set(&child, memory);
    memory->child_pointers[i] = &child;
  }
  out->length = static_cast<int64_t>(rows);
  out->n_buffers = 1;
  out->buffers = memory->no_nulls.data();
  out->n_children = static_cast<int64_t>(kFields.size());
  out->children = memory->child_pointers.data();
  Holder<ArrowArray, ArrayMemory>::Set(out, memory);
  return 0;
}

void ReleaseStream(ArrowArrayStream* stream) {
  delete static_cast<StreamMemory*>(stream->private_data);
  stream->release = nullptr;
}

void DeleteCapsule(PyObject* capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(
      PyCapsule_GetPointer(capsule, "arrow_array_stream"));
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

}  // namespace

nb::object MakeArrowStream(std::shared_ptr<const Batch> batch) {
  auto stream = std::make_unique<ArrowArrayStream>();
  stream->get_schema = GetSchema;
  stream->get_next = GetNext;
  stream->get_last_error = [](ArrowArrayStream*) -> const char* {
    return nullptr;
  };
  stream->release = ReleaseStream;
  stream->private_data = new StreamMemory{std::move(batch)};
  PyObject* capsule =
      PyCapsule_New(stream.get(), "arrow_array_stream", DeleteCapsule);
  if (capsule == nullptr) {
    ReleaseStream(stream.get());
    throw nb::python_error();
  }
  (void)stream.release();  // The capsule's now.
  return nb::steal(capsule);
}

}  // namespace tocsin::python

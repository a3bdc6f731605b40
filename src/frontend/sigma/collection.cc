#include "src/frontend/sigma/collection.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin::sigma {
namespace {

using text::YamlDocument;
using text::YamlNode;

// Nodes that actions may add to one file. Each document below a `global` takes
// a copy of it, so a short file could ask for any amount of memory.
constexpr int64_t kMaxCopiedNodes = 500'000;

constexpr std::string_view kActions[] = {"global", "reset", "repeat",
                                         "correlation"};

int64_t CountNodes(const YamlNode& node) {
  int64_t count = 1;
  for (const YamlNode& item : node.items) count += CountNodes(item);
  for (const auto& [key, value] : node.entries) count += 1 + CountNodes(value);
  return count;
}

std::string_view ActionOf(const YamlDocument& document) {
  const YamlNode* action = document.root.Find("action");
  return action != nullptr && action->is_scalar() ? action->value
                                                  : std::string_view();
}

void RemoveAction(YamlNode* map) {
  const auto gone = std::remove_if(
      map->entries.begin(), map->entries.end(),
      [](const auto& entry) { return entry.first.value == "action"; });
  map->entries.erase(gone, map->entries.end());
}

// Adds what `base` has and `own` lacks.
void Merge(const YamlNode& base, YamlNode* own) {
  for (const text::YamlEntry& entry : base.entries) {
    const auto same = std::find_if(
        own->entries.begin(), own->entries.end(), [&entry](const auto& other) {
          return other.first.value == entry.first.value;
        });
    if (same == own->entries.end()) {
      own->entries.push_back(entry);
    } else if (same->second.is_mapping() && entry.second.is_mapping()) {
      Merge(entry.second, &same->second);
    }
  }
}

class ActionResolver {
 public:
  ActionResolver(std::vector<YamlDocument>* documents, text::Reporter* reporter)
      : documents_(documents), reporter_(reporter) {}

  int Resolve() {
    std::vector<YamlDocument> resolved;
    const size_t before = documents_->size();
    for (YamlDocument& document : *documents_) {
      const std::string action(ActionOf(document));
      if (action == "global") {
        RemoveAction(&document.root);
        global_ = std::move(document.root);
        global_nodes_ = CountNodes(global_);
      } else if (action == "reset") {
        global_ = YamlNode();
        global_nodes_ = 0;
      } else {
        ResolveOther(action, &document, resolved);
        resolved.push_back(std::move(document));
      }
    }
    *documents_ = std::move(resolved);
    return static_cast<int>(before - documents_->size());
  }

 private:
  void ResolveOther(std::string_view action, YamlDocument* document,
                    const std::vector<YamlDocument>& earlier) {
    if (action == "repeat") {
      RemoveAction(&document->root);
      if (earlier.empty()) {
        reporter_->Warning("T012", document->root.range,
                           "`action: repeat` has no document before it");
      } else if (MayCopy(CountNodes(earlier.back().root), *document)) {
        Merge(earlier.back().root, &document->root);
      }
    } else if (!action.empty() && action != "correlation") {
      std::string help = text::DidYouMean(action, kActions);
      reporter_->Warning(
          "T012", document->root.Find("action")->range,
          "unknown action " + text::Quoted(action) + " has no effect",
          std::move(help));
    }
    if (global_nodes_ > 0 && document->root.is_mapping() &&
        MayCopy(global_nodes_, *document)) {
      Merge(global_, &document->root);
    }
  }

  bool MayCopy(int64_t nodes, const YamlDocument& document) {
    copied_ += nodes;
    if (copied_ <= kMaxCopiedNodes) return true;
    reporter_->Error("T005", document.root.range,
                     "`action` copies more than " +
                         std::to_string(kMaxCopiedNodes) +
                         " values within the file",
                     "split the file");
    return false;
  }

  std::vector<YamlDocument>* documents_;
  text::Reporter* reporter_;
  YamlNode global_;
  int64_t global_nodes_ = 0;
  int64_t copied_ = 0;
};

}  // namespace

int ResolveActions(std::vector<YamlDocument>* documents,
                   text::Reporter* reporter) {
  const auto acts = [](const YamlDocument& document) {
    return !ActionOf(document).empty();
  };
  if (std::none_of(documents->begin(), documents->end(), acts)) return 0;
  return ActionResolver(documents, reporter).Resolve();
}

}  // namespace tocsin::sigma

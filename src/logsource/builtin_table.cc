// The order in which families are tried, and what no content can tell.

#include "src/logsource/builtin_table.h"

#include <algorithm>
#include <array>
#include <vector>

#include "src/logsource/classifier.h"

namespace tocsin::logsource {
namespace {

constexpr DeclaredOnly kDeclaredOnly[] = {
    {"django", "application", "", "text of the application's own"},
    {"jvm", "application", "", "text of the application's own"},
    {"nodejs", "application", "", "text of the application's own"},
    {"python", "application", "", "text of the application's own"},
    {"ruby_on_rails", "application", "", "text of the application's own"},
    {"spring", "application", "", "text of the application's own"},
    {"sql", "application", "", "text of the database's own"},
    {"velocity", "application", "", "text of the application's own"},
    {"", "database", "", "statements of any database, in any layout"},
    {"fortios", "", "sslvpnd", "text of a process of the appliance"},
    {"paloalto", "appliance", "globalprotect",
     "text of a process of the appliance"},
    {"paloalto", "file_event", "globalprotect",
     "file events of the appliance, from whatever collects them"},
    {"modsecurity", "", "", "text in the error log of a web server"},
};

template <typename Words>
void AddWords(const Words& words, std::vector<std::string_view>* list) {
  for (const std::string_view word : words) {
    if (!word.empty()) list->push_back(word);
  }
}

void AddWords(const Sources& sources, Vocabulary* vocabulary) {
  AddWords(sources.products, &vocabulary->products);
  AddWords(sources.categories, &vocabulary->categories);
  AddWords(sources.services, &vocabulary->services);
}

Vocabulary MakeVocabulary() {
  Vocabulary vocabulary;
  AddWords(kOtherWindowsLog, &vocabulary);
  for (const WindowsLog& log : WindowsLogs()) {
    AddWords(log.sources, &vocabulary);
  }
  for (const WindowsEvent& event : WindowsEvents()) {
    AddWords(event.sources, &vocabulary);
  }
  for (const Recognizer& row : WindowsExtras()) {
    AddWords(row.sources, &vocabulary);
  }
  for (const Family& family : Families()) {
    for (const Recognizer& row : family.rows) {
      AddWords(row.sources, &vocabulary);
    }
  }
  for (const DeclaredOnly& source : DeclaredOnlySources()) {
    AddWords(std::array{source.product}, &vocabulary.products);
    AddWords(std::array{source.category}, &vocabulary.categories);
    AddWords(std::array{source.service}, &vocabulary.services);
  }
  for (std::vector<std::string_view>* list :
       {&vocabulary.products, &vocabulary.categories, &vocabulary.services}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return vocabulary;
}

}  // namespace

const Vocabulary& BuiltinVocabulary() {
  static const Vocabulary vocabulary = MakeVocabulary();
  return vocabulary;
}

std::span<const Family> Families() {
  static const Family kFamilies[] = {
      {"AWS", AwsRows()},
      {"Zeek", ZeekRows()},
      {"Azure and Microsoft 365", MicrosoftRows()},
      {"Google Cloud and Workspace", GoogleRows()},
      {"Hosted services", ServiceRows()},
      {"Elastic Common Schema", EcsRows()},
      {"Endpoint agents", EndpointRows()},
      {"Linux", LinuxRows()},
      {"Network and appliances", NetworkRows()},
      {"Web servers and proxies", WebRows()},
      {"Lines of text", TextRows()},
  };
  return kFamilies;
}

std::span<const DeclaredOnly> DeclaredOnlySources() { return kDeclaredOnly; }

}  // namespace tocsin::logsource

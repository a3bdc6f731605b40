// The order in which families are tried, and what no content can tell.

#include "src/logsource/builtin_table.h"

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

}  // namespace

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

#include "tests/docs/example.h"

#include <fstream>

namespace tocsin {
namespace {

constexpr std::string_view kRule = R"(title: Failed Login
logsource: {product: windows}
detection:
  selection: {EventID: 4625}
  condition: selection
level: low
)";
constexpr std::string_view kEvent =
    R"({"@timestamp":"2026-01-15T10:20:30Z","Channel":"Security","EventID":4625})";

}  // namespace

ExampleTest::ExampleTest()
    : line(kEvent),
      folder_before_(std::filesystem::current_path()),
      input_(std::string(kEvent) + "\n"),
      input_before_(std::cin.rdbuf(input_.rdbuf())) {
  std::cin.clear();
  const std::filesystem::path folder =
      std::filesystem::path(TOCSIN_BINARY_DIR) / "tests/docs/scratch";
  std::filesystem::create_directories(folder / "rules");
  std::ofstream(folder / "rules/failed_login.yml") << kRule;
  std::ofstream(folder / "trail.json.gz")
      << kEvent << "\n";  // Told by content.
  std::filesystem::current_path(folder);

  Compiler compiler;
  compiler.AddText(kRule, "failed_login.yml");
  compiled = compiler.Compile();
}

ExampleTest::~ExampleTest() {
  std::filesystem::current_path(folder_before_);
  std::cin.rdbuf(input_before_);
}

}  // namespace tocsin

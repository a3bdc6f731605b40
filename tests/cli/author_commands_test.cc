// fmt, explain, test and schema as their users run them.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/subprocess.h"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view kUgly =
    "rule r{severity high detect process where user.name==\"kim\"}";
constexpr std::string_view kLaid =
    "rule r {\n  severity high\n\n  detect process where user.name == "
    "\"kim\"\n}\n";

class AuthorCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(TOCSIN_BINARY_DIR) / "tests/cli/author" / info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }

  void Put(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string Get(const std::string& name) {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Finished Run(const std::vector<std::string>& arguments,
               std::string_view input = {}) {
    return RunProgram(arguments, folder_.string(), input);
  }

  fs::path folder_;
};

TEST_F(AuthorCommandsTest, FmtRewritesFilesBelowAFolderAndNamesThem) {
  Put("rules/a.toc", kUgly);
  Put("rules/deep/b.toc", kLaid);
  Put("rules/c.yml", kUgly);
  const Finished run = Run({"fmt", "rules"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "rules/a.toc\n");
  EXPECT_EQ(Get("rules/a.toc"), kLaid);
  EXPECT_EQ(Get("rules/c.yml"), kUgly);
}

TEST_F(AuthorCommandsTest, FmtCheckWritesNothing) {
  Put("a.toc", kUgly);
  const Finished run = Run({"fmt", "--check", "a.toc"});
  EXPECT_EQ(run.code, 1);
  EXPECT_EQ(run.out, "a.toc\n");
  EXPECT_EQ(Get("a.toc"), kUgly);
  Put("a.toc", kLaid);
  EXPECT_EQ(Run({"fmt", "--check", "a.toc"}).code, 0);
}

TEST_F(AuthorCommandsTest, FmtOfStandardInputWritesToStandardOutput) {
  const Finished run = Run({"fmt", "-"}, kUgly);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, kLaid);
}

TEST_F(AuthorCommandsTest, FmtLeavesAFileWithErrorsUnlessItCanMendThem) {
  constexpr std::string_view kSlip =
      "rule r { severity high detect process where user.name = 'kim' }";
  Put("a.toc", kSlip);
  const Finished refused = Run({"fmt", "a.toc"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("error[T302]"), HasSubstr("error[T303]")));
  EXPECT_EQ(Get("a.toc"), kSlip);
  EXPECT_EQ(Run({"fmt", "--fix", "a.toc"}).code, 0);
  EXPECT_EQ(Get("a.toc"), kLaid);
}

TEST_F(AuthorCommandsTest, ExplainWritesDefaultsOut) {
  Put("a.toc",
      "failed = authentication where event.outcome == \"failure\"\n"
      "rule many { when failed >= 5 within 10m by user.name }\n" +
          std::string(kLaid));
  const Finished run = Run({"explain", "--rule", "many", "a.toc"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(
      run.out,
      AllOf(HasSubstr("severity    medium"),
            HasSubstr("an event exactly 10m away counts"),
            HasSubstr("user.name; an event without it is left out, counted"),
            HasSubstr("fires       once when it becomes true"),
            HasSubstr("partition   user.name")));
  EXPECT_EQ(Run({"explain", "--rule", "few", "a.toc"}).code, 2);
}

TEST_F(AuthorCommandsTest, TestRunsExamplesAndWritesJunit) {
  Put("a.toc",
      "rule r {\n  detect process where user.name == \"kim\"\n"
      "  example \"good\" {\n"
      "    at 0s { event.category: \"process\", user.name: \"kim\" }\n"
      "    expect 1\n  }\n"
      "  example \"b<d\" {\n"
      "    at 0s { event.category: \"process\", user.name: \"lee\" }\n"
      "    expect 1\n  }\n}\n");
  const Finished run = Run({"test", "--junit", "out.xml", "a.toc"});
  EXPECT_EQ(run.code, 1) << run.err;
  EXPECT_EQ(run.out,
            "passed  r: good\nFAILED  r: b<d\n"
            "        a.toc:9: expected 1, found nothing\n"
            "examples: 1 passed, 1 failed, 0 not run\n");
  EXPECT_THAT(
      Get("out.xml"),
      AllOf(HasSubstr("<testsuites tests=\"2\" failures=\"1\" skipped=\"0\">"),
            HasSubstr("<testcase classname=\"r\" name=\"b&lt;d\" "
                      "file=\"a.toc\" line=\"7\">"),
            HasSubstr("<failure message=\"a.toc:9: expected 1, found "
                      "nothing\"/>")));
}

TEST_F(AuthorCommandsTest, SchemaPrintsAGrammar) {
  const Finished run = Run({"schema"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.out, AllOf(HasSubstr("\"scopeName\": \"source.toc\""),
                             HasSubstr("within"), HasSubstr("cidrMatch")));
}

TEST_F(AuthorCommandsTest, CheckLoadsTocFilesOfAFolder) {
  Put("rules/a.toc", kLaid);
  const Finished run = Run({"check", "rules"});
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("rules: 1 of 1 loaded"));
}

}  // namespace
}  // namespace tocsin::cli

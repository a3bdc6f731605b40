#include "src/cli/options.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tocsin::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Arguments Parse(const std::vector<std::string>& words) {
  absl::StatusOr<Arguments> arguments = ParseArguments(words);
  EXPECT_TRUE(arguments.ok()) << arguments.status();
  return arguments.ok() ? *arguments : Arguments();
}

std::string ErrorOf(const std::vector<std::string>& words) {
  return std::string(ParseArguments(words).status().message());
}

TEST(OptionsTest, OptionsAndOperandsMayBeMixed) {
  const Arguments arguments =
      Parse({"run", "a.ndjson", "-r", "rules", "b.ndjson"});
  EXPECT_EQ(arguments.command().name, "run");
  EXPECT_THAT(arguments.operands(), ElementsAre("a.ndjson", "b.ndjson"));
  EXPECT_THAT(arguments.GetAll("--rules"), ElementsAre("rules"));
}

TEST(OptionsTest, AValueMayFollowInAllItsForms) {
  EXPECT_THAT(Parse({"run", "-r", "a", "-rb", "--rules", "c", "--rules=d"})
                  .GetAll("--rules"),
              ElementsAre("a", "b", "c", "d"));
}

TEST(OptionsTest, ADashAloneIsAnOperand) {
  EXPECT_THAT(Parse({"run", "-r", "a", "-"}).operands(), ElementsAre("-"));
}

TEST(OptionsTest, AfterTwoDashesEverythingIsAnOperand) {
  EXPECT_THAT(Parse({"run", "--", "-r", "--x"}).operands(),
              ElementsAre("-r", "--x"));
}

TEST(OptionsTest, AnOptionThatWasNotGivenHasItsDefault) {
  const Arguments arguments = Parse({"run", "-r", "a"});
  EXPECT_FALSE(arguments.Has("--routing"));
  EXPECT_EQ(arguments.Get("--routing", "on"), "on");
}

TEST(OptionsTest, HelpOfACommandIsAskedForByAnOptionToo) {
  const Arguments arguments = Parse({"run", "--help"});
  EXPECT_EQ(arguments.command().name, "help");
  EXPECT_THAT(arguments.operands(), ElementsAre("run"));
  EXPECT_EQ(Parse({"--help"}).command().name, "help");
  EXPECT_EQ(Parse({"--version"}).command().name, "version");
}

TEST(OptionsTest, AMisspeltOptionIsAnsweredWithTheRightOne) {
  EXPECT_EQ(ErrorOf({"run", "--pipline", "x"}),
            "unknown option `--pipline` of `tocsin run`; did you mean "
            "`--pipeline`?");
}

TEST(OptionsTest, AnOptionOfAnotherCommandIsUnknown) {
  EXPECT_EQ(ErrorOf({"check", "--fail-on", "high"}),
            "unknown option `--fail-on` of `tocsin check`; `tocsin help "
            "check` lists them");
}

TEST(OptionsTest, AMisspeltCommandIsAnsweredWithTheRightOne) {
  EXPECT_EQ(ErrorOf({"chekc"}),
            "unknown command `chekc`; did you mean `check`?");
  EXPECT_EQ(ErrorOf({}), "no command; `tocsin help` lists the commands");
}

TEST(OptionsTest, AWordOutsideTheListIsRefused) {
  EXPECT_EQ(ErrorOf({"run", "--format", "tabel"}),
            "`--format` takes one of table, ndjson, csv, alerts, not `tabel`; "
            "did you "
            "mean `table`?");
}

TEST(OptionsTest, AMissingOrEmptyValueIsRefused) {
  EXPECT_EQ(ErrorOf({"run", "-r"}), "`-r` needs a value: PATH");
  EXPECT_THAT(ErrorOf({"run", "--rules="}), HasSubstr("got an empty one"));
}

TEST(OptionsTest, AFlagTakesNoValue) {
  EXPECT_EQ(ErrorOf({"run", "--skip-bad-rules=yes"}),
            "`--skip-bad-rules` takes no value");
}

TEST(OptionsTest, OnlyWhatMayBeRepeatedMay) {
  EXPECT_EQ(ErrorOf({"run", "--format", "csv", "--format", "csv"}),
            "`--format` is given twice");
}

TEST(OptionsTest, HelpNamesEveryOptionOfItsCommand) {
  for (const CommandSpec& command : Commands()) {
    const absl::StatusOr<std::string> help = CommandHelp(command.name);
    ASSERT_TRUE(help.ok()) << help.status();
    for (const OptionSpec& option : command.options) {
      EXPECT_THAT(*help, HasSubstr(std::string(option.name)));
    }
    EXPECT_THAT(GeneralHelp(), HasSubstr(std::string(command.summary)));
  }
}

TEST(OptionsTest, NoLineOfHelpIsLongerThanATerminalIsWide) {
  std::vector<std::string> wide;
  for (const CommandSpec& command : Commands()) {
    std::istringstream lines(*CommandHelp(command.name));
    for (std::string line; std::getline(lines, line);) {
      if (line.size() > 80) wide.push_back(line);
    }
  }
  EXPECT_THAT(wide, IsEmpty());
}

// docs/cli.md ends with what ReferenceMarkdown says. With
// TOCSIN_UPDATE_GOLDENS=1 that part is written anew.
TEST(OptionsTest, TheReferencePageIsThatOfTheTable) {
  const std::string path = std::string(TOCSIN_SOURCE_DIR) + "/docs/cli.md";
  std::ifstream file(path);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::string heading = "## Reference\n\n";
  const size_t start = page.find(heading);
  ASSERT_NE(start, std::string::npos);
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path) << page.substr(0, start + heading.size())
                        << ReferenceMarkdown();
    return;
  }
  EXPECT_EQ(page.substr(start + heading.size()), ReferenceMarkdown());
}

}  // namespace
}  // namespace tocsin::cli

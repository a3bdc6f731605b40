#include "tocsin/log_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tocsin {
namespace {

using ::testing::HasSubstr;

TEST(ParseLogSourceTest, ReadsEachKey) {
  const auto source = ParseLogSource(
      "product=windows,category=process_creation,service=sysmon");
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(*source, (LogSource{.product = "windows",
                                .category = "process_creation",
                                .service = "sysmon"}));
}

TEST(ParseLogSourceTest, KeysMayBeLeftOutAndSpacesAreNotPartOfThem) {
  const auto source = ParseLogSource(" service = onelogin.events ");
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(
      *source,
      (LogSource{.product = "", .category = "", .service = "onelogin.events"}));
}

TEST(ParseLogSourceTest, AnUnknownKeyIsNamed) {
  const auto source = ParseLogSource("product=windows,channel=Security");
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("`channel`"));
}

TEST(ParseLogSourceTest, AKeyGivenTwiceIsNamed) {
  const auto source = ParseLogSource("product=windows,product=linux");
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(std::string(source.status().message()), "`product` is given twice");
}

TEST(ParseLogSourceTest, AValueThatIsMissingIsAnError) {
  EXPECT_FALSE(ParseLogSource("product").ok());
  EXPECT_FALSE(ParseLogSource("product=").ok());
  EXPECT_FALSE(ParseLogSource("product=windows,").ok());
  EXPECT_FALSE(ParseLogSource("").ok());
}

}  // namespace
}  // namespace tocsin

#include "src/base/json_unescape.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace tocsin::base {
namespace {

// "error N" for a wrong escape at offset N.
std::string Unescape(std::string text) {
  text.resize(UnescapeJsonInPlace(text.data(), text.size()));
  return text;
}

TEST(JsonUnescapeTest, TextWithoutEscapesStaysAsItIs) {
  EXPECT_EQ(Unescape(""), "");
  EXPECT_EQ(Unescape("cmd.exe /c"), "cmd.exe /c");
}

TEST(JsonUnescapeTest, EveryEscapeOfJsonIsResolved) {
  EXPECT_EQ(Unescape(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Unescape(R"(\u0041\u00e9\u20AC)"), "A\u00e9\u20ac");
  EXPECT_EQ(Unescape(R"(a\u0000b)"), std::string_view("a\0b", 3));
  EXPECT_EQ(Unescape(R"(\ud83d\ude00!)"), "\U0001F600!");
}

TEST(JsonUnescapeTest, ALoneSurrogateBecomesTheReplacementCharacter) {
  EXPECT_EQ(Unescape(R"(\ud800 x)"), "\uFFFD x");
  EXPECT_EQ(Unescape(R"(\udc00)"), "\uFFFD");
  EXPECT_EQ(Unescape(R"(\ud800\ud83d\ude00)"), "\uFFFD\U0001F600");
  EXPECT_EQ(Unescape(R"(\ud800\n)"), "\uFFFD\n");
  EXPECT_EQ(Unescape(R"(\ud800\u0041)"),
            "\uFFFD"
            "A");
}

TEST(JsonUnescapeTest, AnEscapeThatJsonLacksStandsForItself) {
  EXPECT_EQ(Unescape(R"(C:\Windows\System32)"), R"(C:\Windows\System32)");
  EXPECT_EQ(Unescape(R"(ab\x41)"), R"(ab\x41)");
  EXPECT_EQ(Unescape(R"(\u12G4)"), R"(\u12G4)");
  EXPECT_EQ(Unescape(R"(\u12)"), R"(\u12)");
  EXPECT_EQ(Unescape(R"(\ud800\u12)"), "\uFFFD\\u12");
  EXPECT_EQ(Unescape("\\"), "\\");
}

}  // namespace
}  // namespace tocsin::base

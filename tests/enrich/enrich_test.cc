#include "tocsin/enrich.h"

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tocsin {
namespace {

using ::testing::HasSubstr;

std::string Find(const Indicators& indicators, std::string_view value) {
  std::string json;
  return indicators.Find(value, &json) ? json : "nothing";
}

Indicators Listed(std::string_view text) {
  Indicators indicators;
  indicators.AddText(text, "bad");
  return indicators;
}

TEST(IndicatorsTest, ALineIsAnIndicator) {
  const Indicators indicators =
      Listed("# bad\n192.0.2.1 ; scanner\r\n\nevil.example.com # C2");
  EXPECT_EQ(indicators.size(), 2u);
  EXPECT_EQ(Find(indicators, "192.0.2.1"),
            R"({"indicator":"192.0.2.1","list":"bad"})");
  EXPECT_EQ(Find(indicators, "192.0.2.2"), "nothing");
}

TEST(IndicatorsTest, AnIndicatorIsFoundHoweverItIsWritten) {
  struct Case {
    const char* entry;
    const char* value;
    bool is_found;
  };
  for (const Case& c : {
           Case{"192.0.2.0/24", "192.0.2.7", true},
           Case{"192.0.2.7/24", "192.0.2.1", true},
           Case{"192.0.2.0/24", "192.0.3.7", false},
           Case{"192.0.2.1", "::ffff:192.0.2.1", true},
           Case{"2001:db8::/32", "2001:db8::1%eth0", true},
           Case{"2001:DB8:0::1", "2001:db8::1", true},
           Case{"::/0", "192.0.2.1", false},
           Case{"::/0", "2001:db8::1", true},
           Case{"0.0.0.0/0", "192.0.2.1", true},
           Case{"192[.]0[.]2[.]1", "192.0.2.1", true},
           Case{"hxxps://example.com/a", "https://EXAMPLE.com/a", true},
           Case{"https://example.com/a", "https://a.example.com/a", false},
           Case{"Example.com.", "a.b.example.com", true},
           Case{"example.com", "badexample.com", false},
           Case{"com", "example.com", false},
           Case{"D41D8CD98F00B204", "d41d8cd98f00b204", true},
           Case{"192.0.2.1", "", false},
       }) {
    EXPECT_EQ(Find(Listed(c.entry), c.value) != "nothing", c.is_found)
        << c.entry << " " << c.value;
  }
}

TEST(IndicatorsTest, TheSmallestNetworkCounts) {
  const Indicators indicators = Listed("192.0.0.0/8\n192.0.2.0/24\n192.0.2.1");
  EXPECT_THAT(Find(indicators, "192.0.2.1"), HasSubstr("\"192.0.2.1\""));
  EXPECT_THAT(Find(indicators, "192.0.2.2"), HasSubstr("\"192.0.2.0/24\""));
  EXPECT_THAT(Find(indicators, "192.9.9.9"), HasSubstr("\"192.0.0.0/8\""));
}

TEST(IndicatorsTest, WhatWasAddedFirstIsFound) {
  Indicators indicators = Listed("192.0.2.1");
  indicators.AddText("192.0.2.1", "other");
  EXPECT_EQ(indicators.size(), 1u);
  EXPECT_THAT(Find(indicators, "192.0.2.1"), HasSubstr("\"bad\""));
}

TEST(IndicatorsTest, ColumnsOfATableAreKnown) {
  Indicators indicators;
  ASSERT_TRUE(indicators
                  .AddCsv("# made today\nip,kind,note\n192.0.2.1,scan,\"a, "
                          "\"\"b\"\"\"\n,,\n192.0.2.2\n",
                          "scanners.csv")
                  .ok());
  EXPECT_EQ(
      Find(indicators, "192.0.2.1"),
      R"({"indicator":"192.0.2.1","list":"scanners.csv","kind":"scan","note":"a, \"b\""})");
  EXPECT_EQ(Find(indicators, "192.0.2.2"),
            R"({"indicator":"192.0.2.2","list":"scanners.csv"})");
  EXPECT_EQ(indicators.skipped(), 1);
}

TEST(IndicatorsTest, ATableIsReadByItsColumn) {
  Indicators indicators;
  ASSERT_TRUE(
      indicators.AddCsv("kind,ip\nscan,192.0.2.1\n", "a.csv", "ip").ok());
  EXPECT_THAT(Find(indicators, "192.0.2.1"), HasSubstr("\"kind\":\"scan\""));
  const absl::Status status = indicators.AddCsv("a,b\n", "a.csv", "url");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "a.csv: no column `url`");
}

TEST(IndicatorsTest, IndicatorsOfStixAreValuesJoinedByOr) {
  Indicators indicators;
  ASSERT_TRUE(indicators
                  .AddStix(
                      R"({"type":"bundle","objects":[
{"type":"indicator","id":"indicator--1","name":"scanner","confidence":60,
 "indicator_types":["malicious-activity"],
 "pattern":"[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value ISSUBSET '198.51.100.0/24']"},
{"type":"indicator","id":"indicator--3",
 "pattern":"[ipv4-addr:value = '192.0.2.9' AND url:value = 'x']"},
{"type":"indicator","id":"indicator--4","revoked":true,
 "pattern":"[ipv4-addr:value = '192.0.2.8']"},
{"type":"identity"}, 5]})",
                      "bundle")
                  .ok());
  EXPECT_EQ(indicators.size(), 2u);
  EXPECT_EQ(indicators.skipped(), 2);
  EXPECT_EQ(
      Find(indicators, "198.51.100.7"),
      R"({"indicator":"198.51.100.0/24","list":"bundle","stix_id":"indicator--1",)"
      R"("name":"scanner","indicator_types":["malicious-activity"],"confidence":60})");
  for (const char* bad : {"[]", "{", "", "{\"objects\":5}"}) {
    EXPECT_EQ(indicators.AddStix(bad, "bundle").message(),
              "bundle: not a STIX bundle");
  }
}

TEST(EnricherTest, AddressesOfAListAreKnown) {
  Enricher enricher;
  enricher.Add(std::make_shared<const Indicators>(Listed("192.0.2.0/24")));
  constexpr std::string_view kKnown =
      R"("threatIntel":{"indicator":"192.0.2.0/24","list":"bad"}})";
  for (const char* event :
       {R"({"sourceIPAddress":"192.0.2.1")", R"({"source.ip":"192.0.2.1")",
        R"({"n":1,"source":{"ip":"192.0.2.1","x":{"ip":1}},"m":[2])",
        R"({"source":{"ip":["AWS Internal","192.0.2.1"]})",
        R"({"source.ip":null,"source":{"ip":"192\u002e0.2.1"})"}) {
    const std::string json = std::string(event) + "}";
    EXPECT_EQ(enricher.Enrich(json),
              std::string(event).append(",").append(kKnown));
  }
}

TEST(EnricherTest, EventsOfNothingKnownStayAsTheyAre) {
  Enricher enricher;
  enricher.Add(std::make_shared<const Indicators>(
      Listed("192.0.2.0/24\nevil.example.com")));
  for (const std::string_view event :
       {"{}", R"({"sourceIPAddress":"198.51.100.1"})", R"({"source":5})",
        R"({"source":{"ip":null}})", R"({"sourceIPAddress":["a",1]})",
        R"({"sourceIPAddress":"evil.example.com"})", "", "[]", "{",
        R"({"sourceIPAddress":"192.0.2.1")", "192.0.2.1"}) {
    EXPECT_EQ(enricher.Enrich(event), event);
  }
}

TEST(EnricherTest, WhatAnEventClaimsIsReplaced) {
  Enricher enricher;
  enricher.Add(std::make_shared<const Indicators>(Listed("192.0.2.1")));
  EXPECT_EQ(
      enricher.Enrich(
          R"({"threatIntel":{"a":1},"sourceIPAddress":"192.0.2.1","geoLocation":2})"),
      R"({"sourceIPAddress":"192.0.2.1","geoLocation":2,"threatIntel":{"indicator":"192.0.2.1","list":"bad"}})");
}

TEST(EnricherTest, FilesAreReadByTheirNames) {
  const std::string folder = testing::TempDir();
  std::ofstream(folder + "/a.csv") << "ip\n192.0.2.1\n";
  std::ofstream(folder + "/a.txt") << "192.0.2.2\n";
  std::ofstream(folder + "/a.json")
      << R"({"objects":[{"type":"indicator",)"
      << R"("pattern":"[ipv4-addr:value='192.0.2.3']"}]})";
  Enricher enricher;
  for (const char* name : {"/a.csv", "/a.txt", "/a.json"}) {
    EXPECT_TRUE(enricher.AddFile(folder + name).ok()) << name;
  }
  for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
    const std::string event =
        std::string(R"({"source.ip":")").append(address).append("\"}");
    EXPECT_THAT(std::string(enricher.Enrich(event)),
                HasSubstr("\"list\":\"a."));
  }
  EXPECT_EQ(enricher.AddFile(folder + "/none.txt").code(),
            absl::StatusCode::kNotFound);
}

#ifdef TOCSIN_HAVE_MAXMINDDB

std::string DatabasePath() {
  return std::string(TOCSIN_SOURCE_DIR) + "/tests/enrich/places.mmdb";
}

TEST(PlacesTest, ADatabaseKnowsPlaces) {
  const absl::StatusOr<Places> places = Places::Open(DatabasePath());
  ASSERT_TRUE(places.ok()) << places.status();
  Place place;
  ASSERT_TRUE(places->Find("192.0.2.77", &place));
  EXPECT_EQ(place.country_code, "SE");
  EXPECT_EQ(place.country, "Sweden");
  EXPECT_EQ(place.city, "Stockholm");
  EXPECT_EQ(place.latitude, 59.3);
  EXPECT_EQ(place.longitude, 18.1);
  EXPECT_FALSE(place.asn.has_value());
  place = {};
  ASSERT_TRUE(places->Find("::ffff:198.51.100.1", &place));
  EXPECT_EQ(place.asn, 64500);
  EXPECT_EQ(place.organization, "Example Net");
  place = {};
  ASSERT_TRUE(places->Find("2001:db8::1", &place));
  EXPECT_EQ(place.country_code, "NO");
  EXPECT_EQ(place.city, "");
  for (const char* unknown : {"203.0.113.1", "2001:db9::1", "x", ""}) {
    EXPECT_FALSE(places->Find(unknown, &place)) << unknown;
  }
}

TEST(PlacesTest, WhatIsNoDatabaseIsRefused) {
  EXPECT_EQ(Places::Open("/no/such.mmdb").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Places::Open(std::string(TOCSIN_SOURCE_DIR) + "/README.md")
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(EnricherTest, PlacesAreKnownOfAddresses) {
  Enricher enricher;
  ASSERT_TRUE(enricher.AddFile(DatabasePath()).ok());
  EXPECT_EQ(
      enricher.Enrich(R"({"sourceIPAddress":"192.0.2.1"})"),
      R"({"sourceIPAddress":"192.0.2.1","geoLocation":{"countryCode":"SE",)"
      R"("country":"Sweden","city":"Stockholm","latitude":59.3,"longitude":18.1}})");
}

#endif  // TOCSIN_HAVE_MAXMINDDB

}  // namespace
}  // namespace tocsin

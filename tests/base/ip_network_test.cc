#include "src/base/ip_network.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tocsin::base {
namespace {

// REQUIRES: `network` is well-formed.
bool Contains(std::string_view network, std::string_view address) {
  const std::optional<IpAddress> parsed = ParseIpAddress(address);
  return parsed && ParseIpNetwork(network)->Contains(*parsed);
}

TEST(IpAddressTest, BothFamiliesAreRead) {
  EXPECT_TRUE(ParseIpAddress("192.0.2.1"));
  EXPECT_TRUE(ParseIpAddress("2001:db8::1"));
  EXPECT_TRUE(ParseIpAddress("::"));
}

TEST(IpAddressTest, AMappedAddressIsTheIpv4Address) {
  EXPECT_EQ(ParseIpAddress("::ffff:192.0.2.1"), ParseIpAddress("192.0.2.1"));
  EXPECT_EQ(ParseIpAddress("::FFFF:c000:201"), ParseIpAddress("192.0.2.1"));
}

TEST(IpAddressTest, AZoneIsIgnored) {
  EXPECT_EQ(ParseIpAddress("fe80::1%eth0"), ParseIpAddress("fe80::1"));
  EXPECT_FALSE(ParseIpAddress("fe80::1%"));
  EXPECT_FALSE(ParseIpAddress("192.0.2.1%eth0"));
}

TEST(IpAddressTest, NothingElseIsAnAddress) {
  for (const std::string_view text :
       {"", " ", "192.0.2.1 ", " 192.0.2.1", "192.0.2.1:80", "[2001:db8::1]",
        "192.0.2", "192.0.2.256", "192.0.2.01", "0xC0000201", "2001:db8:::1",
        "1:2:3:4:5:6:7:8:9", "localhost", "AWS Internal", "::1/128"}) {
    EXPECT_FALSE(ParseIpAddress(text)) << text;
  }
}

TEST(IpAddressTest, ANulDoesNotEndTheText) {
  EXPECT_FALSE(ParseIpAddress(std::string_view("192.0.2.1\0x", 11)));
}

TEST(IpAddressTest, AVeryLongTextIsRefused) {
  EXPECT_FALSE(ParseIpAddress(std::string(1'000'000, '1')));
}

TEST(IpNetworkTest, ThePrefixSaysWhatIsInside) {
  EXPECT_TRUE(Contains("192.0.2.0/24", "192.0.2.0"));
  EXPECT_TRUE(Contains("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(Contains("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(Contains("198.51.100.64/26", "198.51.100.127"));
  EXPECT_FALSE(Contains("198.51.100.64/26", "198.51.100.128"));
}

TEST(IpNetworkTest, AnIpv6NetworkOnAByteBorderIsNotItsFirstAddressOnly) {
  EXPECT_TRUE(Contains("2001:db8::/64", "2001:db8::1234"));
  EXPECT_FALSE(Contains("2001:db8::/64", "2001:db8:1::1"));
}

TEST(IpNetworkTest, AnIpv6PrefixMayEndInsideAByte) {
  EXPECT_TRUE(Contains("fc00::/7", "fd12::1"));
  EXPECT_FALSE(Contains("fc00::/7", "fe80::1"));
}

TEST(IpNetworkTest, ASingleAddressHoldsItself) {
  EXPECT_TRUE(Contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(Contains("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(Contains("2001:db8::7/128", "2001:db8::7"));
  EXPECT_TRUE(Contains("192.0.2.7/32", "192.0.2.7"));
}

TEST(IpNetworkTest, APrefixOfZeroHoldsItsWholeFamily) {
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(Contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(Contains("::/0", "203.0.113.9"));
}

TEST(IpNetworkTest, MappedAddressesLieInIpv4Networks) {
  EXPECT_TRUE(Contains("192.0.2.0/24", "::ffff:192.0.2.9"));
  EXPECT_TRUE(Contains("::ffff:192.0.2.0/120", "192.0.2.9"));
  EXPECT_FALSE(Contains("::ffff:192.0.2.0/120", "192.0.3.9"));
}

TEST(IpNetworkTest, BitsBehindThePrefixAreCleared) {
  EXPECT_EQ(ParseIpNetwork("192.0.2.77/24"), ParseIpNetwork("192.0.2.0/24"));
  EXPECT_EQ(ParseIpNetwork("2001:db8::ff/121"),
            ParseIpNetwork("2001:db8::80/121"));
}

TEST(IpNetworkTest, APrefixMustFitTheFamily) {
  EXPECT_TRUE(ParseIpNetwork("192.0.2.0/32"));
  EXPECT_FALSE(ParseIpNetwork("192.0.2.0/33"));
  EXPECT_TRUE(ParseIpNetwork("2001:db8::/128"));
  EXPECT_FALSE(ParseIpNetwork("2001:db8::/129"));
}

TEST(IpNetworkTest, NothingElseIsANetwork) {
  for (const std::string_view text :
       {"", "/", "/24", "192.0.2.0/", "192.0.2.0/ 24", "192.0.2.0/-1",
        "192.0.2.0/+8", "192.0.2.0/024", "192.0.2.0/24/24", "192.0.2.0/1000",
        "192.0.2/24", "192.0.2.0/255.255.255.0", "fe80::1%eth0/64",
        "fe80::/64%eth0", "192.0.2.*"}) {
    EXPECT_FALSE(ParseIpNetwork(text)) << text;
  }
}

}  // namespace
}  // namespace tocsin::base

#include "src/base/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/numeric/int128.h"

namespace tocsin::base {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                   0, 0, 0, 0, 0xFF, 0xFF};
constexpr int kMappedPrefixBits = 96;

// The longest text inet_pton takes, without its terminator.
constexpr size_t kMaxAddressText = INET6_ADDRSTRLEN - 1;

bool IsMapped(const IpAddress& address) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(),
                    address.bytes.begin());
}

bool IsIpv6Text(std::string_view text) {
  return text.find(':') != std::string_view::npos;
}

std::optional<int> ParsePrefix(std::string_view text) {
  // Plain digits without a leading zero; from_chars alone would take "-0".
  const bool plain = !text.empty() && text.size() <= 3 &&
                     (text == "0" || text[0] != '0') &&
                     std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= '0' && c <= '9'; });
  if (!plain) return std::nullopt;
  int prefix = 0;
  std::from_chars(text.data(), text.data() + text.size(), prefix);
  return prefix;
}

// The bits of byte `index` that a prefix of `prefix` bits keeps.
uint8_t MaskByte(int prefix, size_t index) {
  const int bits = std::clamp(prefix - 8 * static_cast<int>(index), 0, 8);
  return static_cast<uint8_t>(0xFF00 >> bits);
}

absl::uint128 ToInt(const IpAddress& address) {
  absl::uint128 value = 0;
  for (const uint8_t byte : address.bytes) value = value << 8 | byte;
  return value;
}

IpAddress FromInt(absl::uint128 value) {
  IpAddress address;
  for (size_t i = 0; i < 16; ++i) {
    address.bytes[15 - i] =
        static_cast<uint8_t>(absl::Uint128Low64(value >> (8 * i)) & 0xFF);
  }
  return address;
}

void Cover(absl::uint128 first, absl::uint128 last,
           std::vector<IpNetwork>* networks) {
  while (first <= last) {
    int bits = 0;
    while (bits < 128) {
      const absl::uint128 more = bits + 1 == 128
                                     ? absl::Uint128Max()
                                     : (absl::uint128(1) << (bits + 1)) - 1;
      if ((first & more) != 0 || last - first < more) break;
      ++bits;
    }
    networks->push_back({.address = FromInt(first), .prefix = 128 - bits});
    if (bits == 128) return;
    const absl::uint128 next = first + (absl::uint128(1) << bits);
    if (next == 0) return;  // Past the last address of all.
    first = next;
  }
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  const bool v6 = IsIpv6Text(text);
  if (const size_t zone = text.find('%'); zone != std::string_view::npos) {
    if (!v6 || zone + 1 == text.size()) return std::nullopt;
    text = text.substr(0, zone);
  }
  // inet_pton wants a terminated string: a NUL inside would end it early.
  if (text.size() > kMaxAddressText ||
      text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  char terminated[kMaxAddressText + 1] = {};
  std::memcpy(terminated, text.data(), text.size());

  IpAddress address;
  if (v6) {
    if (inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) {
      return std::nullopt;
    }
    return address;
  }
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, terminated, address.bytes.data() + 12) != 1) {
    return std::nullopt;
  }
  return address;
}

bool IpNetwork::Contains(const IpAddress& other) const {
  // `::/0` means every IPv6 address; that IPv4 lies inside it is our encoding.
  if (prefix < kMappedPrefixBits && IsMapped(other)) return false;
  for (size_t i = 0; i < address.bytes.size(); ++i) {
    const uint8_t mask = MaskByte(prefix, i);
    if (((address.bytes[i] ^ other.bytes[i]) & mask) != 0) return false;
  }
  return true;
}

std::optional<IpNetwork> ParseIpNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  // A zone names an interface of one host; a network has none.
  if (address_text.find('%') != std::string_view::npos) return std::nullopt;
  const std::optional<IpAddress> address = ParseIpAddress(address_text);
  if (!address) return std::nullopt;

  IpNetwork network;
  network.address = *address;
  if (slash != std::string_view::npos) {
    const std::optional<int> prefix = ParsePrefix(text.substr(slash + 1));
    const bool v6 = IsIpv6Text(address_text);
    if (!prefix || *prefix > (v6 ? 128 : 32)) return std::nullopt;
    network.prefix = v6 ? *prefix : *prefix + kMappedPrefixBits;
  }
  for (size_t i = 0; i < network.address.bytes.size(); ++i) {
    network.address.bytes[i] &= MaskByte(network.prefix, i);
  }
  return network;
}

void StepOn(IpAddress* address) { *address = FromInt(ToInt(*address) + 1); }
void StepBack(IpAddress* address) { *address = FromInt(ToInt(*address) - 1); }

std::vector<IpNetwork> NetworksBetween(const IpAddress& first_address,
                                       const IpAddress& last_address) {
  const absl::uint128 first = ToInt(first_address);
  const absl::uint128 last = ToInt(last_address);
  const absl::uint128 v4_first = absl::uint128(0xFFFF) << 32;
  const absl::uint128 v4_last = v4_first | 0xFFFFFFFF;
  std::vector<IpNetwork> networks;
  if (last < first) return networks;
  // A network wider than all of IPv4 would hold none of its addresses.
  if (first < v4_first) Cover(first, std::min(last, v4_first - 1), &networks);
  if (first <= v4_last && last >= v4_first) {
    Cover(std::max(first, v4_first), std::min(last, v4_last), &networks);
  }
  if (last > v4_last) Cover(std::max(first, v4_last + 1), last, &networks);
  return networks;
}

}  // namespace tocsin::base

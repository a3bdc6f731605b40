// IpNetwork: an IPv4 or IPv6 network in CIDR form.

#ifndef TOCSIN_SRC_BASE_IP_NETWORK_H_
#define TOCSIN_SRC_BASE_IP_NETWORK_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tocsin::base {

// An address as 16 bytes; an IPv4 address is held as ::ffff:a.b.c.d, so a
// mapped IPv6 address equals the IPv4 one it stands for.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"; an IPv6 zone ("%eth0") is
// ignored. Nothing else: no port, no brackets, no spaces.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

struct IpNetwork {
  IpAddress address;  // Bits behind the prefix are zero.
  int prefix = 128;   // Bits of the 16-byte form: a /24 of IPv4 is 120.

  // An IPv6 network that is wider than the IPv4 part of the encoding (`::/0`)
  // holds no IPv4 address.
  bool Contains(const IpAddress& address) const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

// "192.0.2.0/24", or a single address. Bits behind the prefix may be set in the
// text; they are cleared.
std::optional<IpNetwork> ParseIpNetwork(std::string_view text);

// The next address, and the one before. Nothing comes behind the last.
void StepOn(IpAddress* address);
void StepBack(IpAddress* address);

// The networks that together are the addresses from `first` to `last`, both
// with; none if `last` is before `first`. Addresses of IPv4 lie among those of
// IPv6 as ::ffff:a.b.c.d, and are in networks of their own.
std::vector<IpNetwork> NetworksBetween(const IpAddress& first,
                                       const IpAddress& last);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_IP_NETWORK_H_

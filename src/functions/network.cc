// Addresses and networks. An IPv4 address written as IPv6 (::ffff:a.b.c.d) is
// the IPv4 one.

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/ip_network.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

using base::IpAddress;
using base::IpNetwork;

constexpr int kMappedBits = 96;

std::optional<IpAddress> Address(const Value& value) {
  if (!value.is_string()) return std::nullopt;
  return base::ParseIpAddress(value.text);
}

bool IsV4(const IpAddress& address) {
  return std::all_of(address.bytes.begin(), address.bytes.begin() + 10,
                     [](uint8_t byte) { return byte == 0; }) &&
         address.bytes[10] == 0xFF && address.bytes[11] == 0xFF;
}

Value InOneOf(const Call& call, std::initializer_list<const char*> blocks) {
  const std::optional<IpAddress> address = Address(call.arguments[0]);
  if (!address) return {};
  return Value::Bool(
      std::any_of(blocks.begin(), blocks.end(), [&](const char* block) {
        return base::ParseIpNetwork(block)->Contains(*address);
      }));
}

Value CidrMatch(const Call& call) {
  const std::optional<IpAddress> address = Address(call.arguments[0]);
  if (!address) return {};
  for (const Value& block : call.arguments.subspan(1)) {
    const std::optional<IpNetwork> network =
        block.is_string() ? base::ParseIpNetwork(block.text) : std::nullopt;
    if (network && network->Contains(*address)) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value IsPrivate(const Call& call) {
  return InOneOf(call,
                 {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"});
}
Value IsLoopback(const Call& call) {
  return InOneOf(call, {"127.0.0.0/8", "::1/128"});
}
Value IsMulticast(const Call& call) {
  return InOneOf(call, {"224.0.0.0/4", "ff00::/8"});
}

Value IpVersion(const Call& call) {
  const std::optional<IpAddress> address = Address(call.arguments[0]);
  if (!address) return {};
  return Value::Int(IsV4(*address) ? 4 : 6);
}

std::string PrintAddress(const IpAddress& address) {
  if (IsV4(address)) {
    return absl::StrCat(address.bytes[12], ".", address.bytes[13], ".",
                        address.bytes[14], ".", address.bytes[15]);
  }
  uint16_t groups[8];
  for (size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<uint16_t>(address.bytes[2 * i] << 8 |
                                      address.bytes[2 * i + 1]);
  }
  // The longest run of two zero groups or more is left out.
  size_t best = 8;
  size_t best_length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
  }
  std::string out;
  for (size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    absl::StrAppend(&out, absl::Hex(groups[i]));
  }
  return out;
}

Value ToAddress(const Call& call) {
  const std::optional<IpAddress> address = Address(call.arguments[0]);
  return address ? Value::String(PrintAddress(*address)) : Value();
}

Value Subnet(const Call& call) {
  const std::optional<IpAddress> address = Address(call.arguments[0]);
  const Value& bits = call.arguments[1];
  if (!address || bits.kind != base::ValueKind::kInt) return {};
  const int offset = IsV4(*address) ? kMappedBits : 0;
  if (bits.int_value < 0 || bits.int_value > 128 - offset) return {};
  const int prefix = static_cast<int>(bits.int_value) + offset;
  IpAddress network = *address;
  for (int bit = prefix; bit < 128; ++bit) {
    network.bytes[static_cast<size_t>(bit / 8)] &=
        static_cast<uint8_t>(~(0x80 >> (bit % 8)));
  }
  return Value::String(
      absl::StrCat(PrintAddress(network), "/", bits.int_value));
}

}  // namespace

std::vector<Function> NetworkFunctions() {
  const Parameter ip{"ip", ValueType::kIp};
  return {
      {.name = "cidrMatch",
       .parameters = {ip, {"block", ValueType::kString}},
       .least = 2,
       .repeats = true,
       .result = ValueType::kBool,
       .description = "Whether the address is in one of the networks, or of "
                      "those in a list; null if it is no address. Bits behind "
                      "the prefix do not matter.",
       .example =
           "cidrMatch(\"192.0.2.7\", \"192.0.2.1/24\", \"2001:db8::/32\")",
       .example_result = "true",
       .call = CidrMatch},
      {.name = "isPrivate",
       .parameters = {ip},
       .result = ValueType::kBool,
       .description = "Whether the address is one of RFC 1918 or fc00::/7.",
       .example = "isPrivate(\"172.20.0.1\")",
       .example_result = "true",
       .call = IsPrivate},
      {.name = "isLoopback",
       .parameters = {ip},
       .result = ValueType::kBool,
       .description = "Whether the address is 127.0.0.0/8 or ::1.",
       .example = "isLoopback(\"::1\")",
       .example_result = "true",
       .call = IsLoopback},
      {.name = "isMulticast",
       .parameters = {ip},
       .result = ValueType::kBool,
       .description = "Whether the address is 224.0.0.0/4 or ff00::/8.",
       .example = "isMulticast(\"192.0.2.1\")",
       .example_result = "false",
       .call = IsMulticast},
      {.name = "address",
       .parameters = {{"value", ValueType::kAny}},
       .result = ValueType::kIp,
       .description = "The address that a text is, in its usual form; null if "
                      "it is none.",
       .example = "address(\"2001:DB8:0:0::1\")",
       .example_result = "\"2001:db8::1\"",
       .call = ToAddress},
      {.name = "subnet",
       .parameters = {ip, {"bits", ValueType::kNumber}},
       .least = 2,
       .result = ValueType::kString,
       .description = "The network of so many bits that the address is in.",
       .example = "subnet(\"192.0.2.77\", 24)",
       .example_result = "\"192.0.2.0/24\"",
       .call = Subnet},
      {.name = "ipVersion",
       .parameters = {ip},
       .result = ValueType::kNumber,
       .description = "4 or 6.",
       .example = "ipVersion(\"::ffff:192.0.2.1\")",
       .example_result = "4",
       .call = IpVersion},
  };
}

}  // namespace tocsin::functions

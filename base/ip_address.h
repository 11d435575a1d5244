// An IP address, always in its 128-bit form; IPv4 (and IPv4-mapped IPv6) lie under ::ffff:0:0/96.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

class IpAddress {
 public:
  IpAddress() = default;  // "::"
  // Text of IPv4 or IPv6 (RFC 4291; no zone, no brackets, no prefix, no octal or short IPv4).
  // "::ffff:192.0.2.1" is the IPv4 address. nullopt for anything else. Never allocates.
  [[nodiscard]] static std::optional<IpAddress> Parse(std::string_view text);
  [[nodiscard]] static IpAddress FromV4(uint32_t host_order);
  [[nodiscard]] static IpAddress FromBytes(const std::array<uint8_t, 16>& bytes);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] uint32_t v4() const;  // REQUIRES: is_v4(). Host order.
  [[nodiscard]] const std::array<uint8_t, 16>& bytes() const { return bytes_; }

  // False for what is not on the public internet: private, loopback, link-local, carrier NAT, documentation,
  // multicast, reserved, unspecified, unique local, benchmarks, and everything outside 2000::/3 (IANA
  // special-purpose registries). Such an address has no place. 6to4 (2002::/16) and NAT64 (64:ff9b::/96) are
  // as public as the IPv4 address inside; Teredo is never, as its IPv4 addresses are those of a relay and of
  // whatever the client claims.
  [[nodiscard]] bool IsPublic() const;

  [[nodiscard]] std::string ToString() const;  // Canonical: RFC 5952.
  // What a person may see: "203.0.113.*", "2001:db8:1::*" (/24 and /48).
  [[nodiscard]] std::string ToMasked() const;
  // The network the address is counted under: /24 for IPv4, /64 for IPv6 (host bits zero).
  [[nodiscard]] IpAddress Prefix() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<uint8_t, 16> bytes_{};
};

}  // namespace tocsin

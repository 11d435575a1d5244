#include "base/ip_address.h"

#include <cstring>

#include "base/check.h"

namespace tocsin {
namespace {

constexpr size_t kGroups = 8;
using Bytes = std::array<uint8_t, 16>;

// A dotted quad of 1 to 3 digits each, without leading zeros: "010" is 8 to some and 10 to others.
bool ParseQuad(std::string_view text, uint8_t* out) {
  if (text.size() < 7 || text.size() > 15) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return false;
    unsigned value = 0;
    const char* const first = at;
    while (at != end && *at >= '0' && *at <= '9' && at - first < 3)
      value = value * 10 + static_cast<unsigned>(*at++ - '0');
    if (at == first || value > 255 || (*first == '0' && at - first > 1)) return false;
    out[i] = static_cast<uint8_t>(value);
  }
  return at == end;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 4291 §2.2: eight groups, or fewer around one "::"; the last two may be a dotted quad.
bool ParseGroups(std::string_view text, Bytes& out) {
  if (text.size() < 2 || text.size() > 45) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  size_t filled = 0;  // Bytes of `out`.
  size_t gap = 0;     // Where "::" stands, in bytes.
  bool has_gap = false;
  if (*at == ':') {
    if (at[1] != ':') return false;
    has_gap = true;
    at += 2;
  }
  while (at != end) {
    if (filled == 16) return false;
    const char* const first = at;
    unsigned value = 0;
    for (int digit = 0; at != end && (digit = HexDigit(*at)) >= 0; ++at) {
      if (at - first == 4) return false;
      value = value << 4 | static_cast<unsigned>(digit);
    }
    if (at != end && *at == '.') {
      if (filled > 12 || !ParseQuad({first, static_cast<size_t>(end - first)}, out.data() + filled))
        return false;
      filled += 4;
      break;
    }
    if (at == first) return false;
    out[filled++] = static_cast<uint8_t>(value >> 8);
    out[filled++] = static_cast<uint8_t>(value);
    if (at == end) break;
    if (*at++ != ':' || at == end) return false;
    if (*at == ':') {
      if (has_gap) return false;
      has_gap = true;
      gap = filled;
      ++at;
    }
  }
  if (!has_gap) return filled == 16;
  if (filled > 14) return false;  // "::" stands for at least one group.
  const size_t tail = filled - gap;
  for (size_t i = 0; i < tail; ++i) out[15 - i] = out[filled - 1 - i];
  for (size_t i = gap; i < 16 - tail; ++i) out[i] = 0;
  return true;
}

uint64_t BigEndian64(const uint8_t* at) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | at[i];
  return value;
}

uint32_t BigEndian32(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

struct NetworkV4 {
  uint32_t network;
  uint32_t mask;
};

constexpr NetworkV4 V4(unsigned a, unsigned b, unsigned c, unsigned bits) {
  return {.network = a << 24 | b << 16 | c << 8, .mask = ~uint32_t{0} << (32 - bits)};
}

// IANA IPv4 Special-Purpose Address Registry, and multicast.
constexpr NetworkV4 kSpecialV4[] = {
    V4(0, 0, 0, 8),        // This network.
    V4(10, 0, 0, 8),       // Private.
    V4(100, 64, 0, 10),    // Carrier NAT.
    V4(127, 0, 0, 8),      // Loopback.
    V4(169, 254, 0, 16),   // Link-local.
    V4(172, 16, 0, 12),    // Private.
    V4(192, 0, 0, 24),     // IETF protocol assignments; its anycast services are nobody's address.
    V4(192, 0, 2, 24),     // Documentation.
    V4(192, 88, 99, 24),   // 6to4 relay anycast, withdrawn.
    V4(192, 168, 0, 16),   // Private.
    V4(198, 18, 0, 15),    // Benchmarks.
    V4(198, 51, 100, 24),  // Documentation.
    V4(203, 0, 113, 24),   // Documentation.
    V4(224, 0, 0, 4),      // Multicast.
    V4(240, 0, 0, 4),      // Reserved, broadcast.
};

bool IsPublicV4(uint32_t address) {
  for (const NetworkV4& special : kSpecialV4) {
    if ((address & special.mask) == special.network) return false;
  }
  return true;
}

struct NetworkV6 {
  uint64_t high;  // All special networks of 2000::/3 are at most 48 bits long.
  int bits;
};

// IANA IPv6 Special-Purpose Address Registry, the part inside global unicast space.
constexpr NetworkV6 kSpecialV6[] = {
    {0x2001'0000'0000'0000,
     23},  // IETF protocol assignments: Teredo, benchmarks, ORCHID, drone tags, anycast services.
    {0x2001'0db8'0000'0000, 32},  // Documentation.
    {0x3fff'0000'0000'0000, 20},  // Documentation.
};

bool IsPublicV6(const Bytes& bytes) {
  const uint64_t high = BigEndian64(bytes.data());
  constexpr uint64_t kNat64 = 0x0064'ff9b'0000'0000;
  if (high == kNat64 && BigEndian32(bytes.data() + 8) == 0) return IsPublicV4(BigEndian32(bytes.data() + 12));
  if (high >> 61 != 1) return false;                                               // Not in 2000::/3.
  if (high >> 48 == 0x2002) return IsPublicV4(static_cast<uint32_t>(high >> 16));  // 6to4.
  for (const NetworkV6& special : kSpecialV6) {
    if ((high ^ special.high) >> (64 - special.bits) == 0) return false;
  }
  return true;
}

void AppendDecimal(std::string& out, unsigned value) {
  if (value >= 100) out += static_cast<char>('0' + value / 100);
  if (value >= 10) out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

void AppendHex(std::string& out, unsigned value) {
  constexpr char kDigits[] = "0123456789abcdef";
  if (value >= 0x1000) out += kDigits[value >> 12];
  if (value >= 0x100) out += kDigits[value >> 8 & 15];
  if (value >= 0x10) out += kDigits[value >> 4 & 15];
  out += kDigits[value & 15];
}

void AppendQuad(std::string& out, uint32_t address, int parts) {
  for (int i = 0; i < parts; ++i) {
    if (i > 0) out += '.';
    AppendDecimal(out, address >> (24 - 8 * i) & 0xff);
  }
}

// RFC 5952: lower case, no leading zeros, "::" for the first of the longest runs of at least two zero groups.
void AppendGroups(std::string& out, const Bytes& bytes) {
  std::array<unsigned, kGroups> groups{};
  for (size_t i = 0; i < kGroups; ++i) groups[i] = unsigned{bytes[2 * i]} << 8 | bytes[2 * i + 1];
  size_t gap = kGroups;
  size_t gap_size = 1;
  for (size_t i = 0; i < kGroups;) {
    size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i > gap_size) {
      gap = i;
      gap_size = end - i;
    }
    i = end + 1;
  }
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      out += "::";
      i += gap_size - 1;
      continue;
    }
    if (i > 0 && i != gap + gap_size) out += ':';
    AppendHex(out, groups[i]);
  }
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  IpAddress address;
  // The second to fifth character of IPv6 holds a colon, and no character of IPv4 is one.
  if (text.substr(0, 5).find(':') != std::string_view::npos) {
    if (!ParseGroups(text, address.bytes_)) return std::nullopt;
    return address;
  }
  address.bytes_[10] = address.bytes_[11] = 0xff;
  if (!ParseQuad(text, address.bytes_.data() + 12)) return std::nullopt;
  return address;
}

IpAddress IpAddress::FromV4(uint32_t host_order) {
  IpAddress address;
  address.bytes_[10] = address.bytes_[11] = 0xff;
  for (size_t i = 0; i < 4; ++i) address.bytes_[12 + i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

IpAddress IpAddress::FromBytes(const std::array<uint8_t, 16>& bytes) {
  IpAddress address;
  address.bytes_ = bytes;
  return address;
}

bool IpAddress::is_v4() const {
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(bytes_.data(), kMapped.data(), kMapped.size()) == 0;
}

uint32_t IpAddress::v4() const {
  CHECK(is_v4());
  return BigEndian32(bytes_.data() + 12);
}

bool IpAddress::IsPublic() const { return is_v4() ? IsPublicV4(v4()) : IsPublicV6(bytes_); }

std::string IpAddress::ToString() const {
  std::string out;
  if (is_v4()) {
    AppendQuad(out, v4(), 4);
  } else {
    out.reserve(39);
    AppendGroups(out, bytes_);
  }
  return out;
}

std::string IpAddress::ToMasked() const {
  std::string out;
  if (is_v4()) {
    AppendQuad(out, v4(), 3);
    out += ".*";
    return out;
  }
  Bytes network = bytes_;
  for (size_t i = 6; i < network.size(); ++i) network[i] = 0;
  AppendGroups(out, network);  // Ends with "::": five groups of zeros are the longest run.
  out += '*';
  return out;
}

IpAddress IpAddress::Prefix() const {
  IpAddress network = *this;
  for (size_t i = is_v4() ? 15 : 8; i < 16; ++i) network.bytes_[i] = 0;
  return network;
}

}  // namespace tocsin

#include "daemon/enrich/address_lists.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>

namespace tocsin::daemon {
namespace {

std::string_view NetworkText(std::string_view line) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  if (!line.empty() && (line.front() == '#' || line.front() == ';')) return {};
  return line.substr(0, line.find_first_of(", \t\r#;"));
}

// The first and last address of "address/length" or "address".
std::optional<std::pair<IpAddress, IpAddress>> ParseNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  // A mapped IPv4 address is an IPv4 address, but its length counts from the front of all 128 bits.
  const bool counts_32 = address->is_v4() && text.find(':') == std::string_view::npos;
  unsigned length = counts_32 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (length > (counts_32 ? 32U : 128U) || length == 0) return std::nullopt;
  }
  if (counts_32) length += 96;
  std::array<uint8_t, 16> first = address->bytes();
  std::array<uint8_t, 16> last = first;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = length >= (i + 1) * 8 ? 8 : length <= i * 8 ? 0 : length - i * 8;
    const auto host_bits = static_cast<uint8_t>(0xff >> kept);
    first[i] = static_cast<uint8_t>(first[i] & ~host_bits);
    last[i] = static_cast<uint8_t>(last[i] | host_bits);
  }
  return std::pair{IpAddress::FromBytes(first), IpAddress::FromBytes(last)};
}

// The address after this one; nullopt after the last of all.
std::optional<IpAddress> Next(const IpAddress& address) {
  std::array<uint8_t, 16> bytes = address.bytes();
  for (size_t i = bytes.size(); i-- > 0;) {
    if (++bytes[i] != 0) return IpAddress::FromBytes(bytes);
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(ListKind kind) {
  static constexpr std::array<std::string_view, kListKinds> kNames{"tor",   "vpn",     "proxy",
                                                                   "relay", "hosting", "business"};
  return kNames[static_cast<size_t>(kind)];
}

Result<Done> AddressLists::Add(ListKind kind, std::string_view text, const std::string& name) {
  const size_t had = networks_.size();
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t newline = text.find('\n');
    const std::string_view network_text = NetworkText(text.substr(0, newline));
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (network_text.empty()) continue;
    const auto network = ParseNetwork(network_text);
    if (!network) {
      networks_.resize(had, Network{.first = {}, .last = {}, .kind = kind});
      return Error{
          ErrorCode::kInvalid, name,
          "line " + std::to_string(number) + ": not a network such as 192.0.2.0/24 or 2001:db8::/32"};
    }
    networks_.push_back({network->first, network->second, kind});
  }
  return Done{};
}

void AddressLists::Finish() {
  // Sweep from low to high addresses, counting for each list how many of its networks are open.
  struct Change {
    IpAddress at;
    ListKind kind;
    int by;
  };
  std::vector<Change> changes;
  changes.reserve(networks_.size() * 2);
  for (const Network& network : networks_) {
    changes.push_back({network.first, network.kind, 1});
    if (const std::optional<IpAddress> next = Next(network.last))
      changes.push_back({*next, network.kind, -1});
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  std::array<int, kListKinds> open{};
  edges_.clear();
  for (size_t i = 0; i < changes.size();) {
    const IpAddress at = changes[i].at;
    for (; i < changes.size() && changes[i].at == at; ++i)
      open[static_cast<size_t>(changes[i].kind)] += changes[i].by;
    uint8_t lists = 0;
    for (size_t kind = 0; kind < open.size(); ++kind) {
      if (open[kind] > 0) lists = static_cast<uint8_t>(lists | 1U << kind);
    }
    if (edges_.empty() || edges_.back().lists != lists) edges_.push_back({at, lists});
  }
  networks_.clear();
  networks_.shrink_to_fit();
}

bool AddressLists::Find(const IpAddress& address, ListKind& kind) const {
  const auto after = std::partition_point(edges_.begin(), edges_.end(),
                                          [&](const Edge& edge) { return edge.first <= address; });
  if (after == edges_.begin()) return false;
  const uint8_t lists = std::prev(after)->lists;
  if (lists == 0) return false;
  kind = static_cast<ListKind>(std::countr_zero(lists));
  return true;
}

}  // namespace tocsin::daemon

// The operator's own lists of networks: what a listed address is, whatever a database says.
//
// A list is a text file with one network a line: "192.0.2.0/24", "2001:db8::/32", or a single address. What
// follows a comma or a space is ignored (so the published egress list of a relay can be used as it is), as
// are empty lines and lines that begin with '#' or ';'.
//
// Thread safety: immutable after Finish; Find may run on any number of threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace tocsin::daemon {

// In the order in which they win when an address is on several lists.
enum class ListKind : uint8_t { kTor, kVpn, kProxy, kRelay, kHosting, kBusiness };
inline constexpr int kListKinds = 6;
// "tor", "vpn", …: the names of the lists in the configuration and in evidence.
[[nodiscard]] std::string_view NameOf(ListKind kind);

class AddressLists final {
 public:
  // Adds the networks of one list. kInvalid with `name` and the number of the first line that is no network;
  // nothing is added then. A network of all addresses ("0.0.0.0/0") is taken for a mistake.
  Result<Done> Add(ListKind kind, std::string_view text, const std::string& name);

  // Makes the lists ready for Find. REQUIRES: no Add afterwards.
  void Finish();

  [[nodiscard]] bool empty() const { return edges_.empty(); }
  // True when the address is on a list; `kind` is then the one that wins.
  [[nodiscard]] bool Find(const IpAddress& address, ListKind& kind) const;

 private:
  struct Network {
    IpAddress first;
    IpAddress last;
    ListKind kind;
  };
  struct Edge {  // From `first` on, up to the next edge, these lists hold.
    IpAddress first;
    uint8_t lists = 0;
  };
  std::vector<Network> networks_;
  std::vector<Edge> edges_;
};

}  // namespace tocsin::daemon

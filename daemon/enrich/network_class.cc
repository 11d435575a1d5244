#include "daemon/enrich/network_class.h"

namespace tocsin::daemon {

using schemas::Anonymiser;
using schemas::NetworkClass;

NetworkVerdict ClassOfList(ListKind kind) {
  switch (kind) {
    case ListKind::kTor:
      return {NetworkClass::kAnonymiser, Anonymiser::kTor, "list:tor"};
    case ListKind::kVpn:
      return {NetworkClass::kAnonymiser, Anonymiser::kVpn, "list:vpn"};
    case ListKind::kProxy:
      return {NetworkClass::kAnonymiser, Anonymiser::kProxy, "list:proxy"};
    case ListKind::kRelay:
      return {NetworkClass::kAnonymiser, Anonymiser::kRelay, "list:relay"};
    case ListKind::kHosting:
      return {NetworkClass::kHosting, Anonymiser::kNone, "list:hosting"};
    case ListKind::kBusiness:
      return {NetworkClass::kBusiness, Anonymiser::kNone, "list:business"};
  }
  return {};
}

NetworkVerdict ClassOfFlags(const AnonymityFlags& flags) {
  constexpr auto kAnonymiser = NetworkClass::kAnonymiser;
  if (flags.tor) return {kAnonymiser, Anonymiser::kTor, "anonymous-ip:is_tor_exit_node"};
  if (flags.vpn) return {kAnonymiser, Anonymiser::kVpn, "anonymous-ip:is_anonymous_vpn"};
  if (flags.public_proxy) return {kAnonymiser, Anonymiser::kProxy, "anonymous-ip:is_public_proxy"};
  if (flags.residential_proxy) return {kAnonymiser, Anonymiser::kProxy, "anonymous-ip:is_residential_proxy"};
  if (flags.hosting) return {NetworkClass::kHosting, Anonymiser::kNone, "anonymous-ip:is_hosting_provider"};
  if (flags.anonymous) return {kAnonymiser, Anonymiser::kProxy, "anonymous-ip:is_anonymous"};
  return {};
}

NetworkVerdict ClassOfSystem(uint32_t asn, std::string_view organization) {
  const NetworkVerdict verdict = ClassOfKnownSystem(asn);
  return verdict.known() ? verdict : ClassOfName(organization);
}

}  // namespace tocsin::daemon

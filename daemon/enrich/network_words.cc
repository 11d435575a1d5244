// Words in the names of organisations that tell what kind of network they run. A name is cut into words at
// everything that is not a letter or digit; a rule holds for a whole word, or, when it ends in '*', for its
// beginning.
#include <algorithm>
#include <array>
#include <cstddef>

#include "daemon/enrich/network_class.h"

namespace tocsin::daemon {
namespace {

using schemas::Anonymiser;
using schemas::NetworkClass;

struct WordRule {
  std::string_view word;
  NetworkClass network_class;
  std::string_view evidence;
  Anonymiser anonymiser = Anonymiser::kNone;
};

// The first rule that holds wins, so what says more stands first: "Example Mobile Cloud" is hosting, not
// mobile.
constexpr WordRule kRules[] = {
    {"vpn", NetworkClass::kAnonymiser, "name:vpn", Anonymiser::kVpn},
    {"*vpn", NetworkClass::kAnonymiser, "name:vpn", Anonymiser::kVpn},
    {"proxy", NetworkClass::kAnonymiser, "name:proxy", Anonymiser::kProxy},
    {"proxies", NetworkClass::kAnonymiser, "name:proxy", Anonymiser::kProxy},
    {"anonym*", NetworkClass::kAnonymiser, "name:anonymous", Anonymiser::kProxy},

    {"universit*", NetworkClass::kBusiness, "name:university"},
    {"universidad*", NetworkClass::kBusiness, "name:university"},
    {"college", NetworkClass::kBusiness, "name:college"},
    {"school*", NetworkClass::kBusiness, "name:school"},
    {"hochschule", NetworkClass::kBusiness, "name:university"},
    {"academ*", NetworkClass::kBusiness, "name:academy"},
    {"education*", NetworkClass::kBusiness, "name:education"},
    {"hospital*", NetworkClass::kBusiness, "name:hospital"},
    {"ministry", NetworkClass::kBusiness, "name:government"},
    {"government", NetworkClass::kBusiness, "name:government"},
    {"department", NetworkClass::kBusiness, "name:government"},
    {"headquarters", NetworkClass::kBusiness, "name:government"},
    {"dod", NetworkClass::kBusiness, "name:government"},
    {"bank", NetworkClass::kBusiness, "name:bank"},
    {"insurance", NetworkClass::kBusiness, "name:insurance"},

    {"hosting*", NetworkClass::kHosting, "name:hosting"},
    {"*hosting", NetworkClass::kHosting, "name:hosting"},
    {"*host", NetworkClass::kHosting, "name:hosting"},
    {"hosted", NetworkClass::kHosting, "name:hosting"},
    {"cloud*", NetworkClass::kHosting, "name:cloud"},
    {"*cloud", NetworkClass::kHosting, "name:cloud"},
    {"vps", NetworkClass::kHosting, "name:vps"},
    {"vds", NetworkClass::kHosting, "name:vps"},
    {"server*", NetworkClass::kHosting, "name:server"},
    {"*server", NetworkClass::kHosting, "name:server"},
    {"*servers", NetworkClass::kHosting, "name:server"},
    {"dedicated", NetworkClass::kHosting, "name:server"},
    {"datacenter*", NetworkClass::kHosting, "name:datacenter"},
    {"datacentre*", NetworkClass::kHosting, "name:datacenter"},
    {"datacamp", NetworkClass::kHosting, "name:datacenter"},
    {"colo", NetworkClass::kHosting, "name:colocation"},
    {"colocation", NetworkClass::kHosting, "name:colocation"},
    {"cdn*", NetworkClass::kHosting, "name:cdn"},
    {"idc", NetworkClass::kHosting, "name:datacenter"},

    {"satellite*", NetworkClass::kSatellite, "name:satellite"},
    {"satelit*", NetworkClass::kSatellite, "name:satellite"},
    {"vsat", NetworkClass::kSatellite, "name:satellite"},

    {"mobile*", NetworkClass::kMobile, "name:mobile"},
    {"mobil", NetworkClass::kMobile, "name:mobile"},
    {"movil*", NetworkClass::kMobile, "name:mobile"},
    {"cellular*", NetworkClass::kMobile, "name:cellular"},
    {"gsm", NetworkClass::kMobile, "name:mobile"},
    {"lte", NetworkClass::kMobile, "name:mobile"},
    {"pcs", NetworkClass::kMobile, "name:mobile"},
    {"airtel", NetworkClass::kMobile, "name:carrier"},
    {"digicel", NetworkClass::kMobile, "name:carrier"},
    {"docomo", NetworkClass::kMobile, "name:carrier"},
    {"mtn", NetworkClass::kMobile, "name:carrier"},
    {"ooredoo", NetworkClass::kMobile, "name:carrier"},
    {"vodacom", NetworkClass::kMobile, "name:carrier"},
    {"zain", NetworkClass::kMobile, "name:carrier"},

    {"broadband*", NetworkClass::kResidential, "name:broadband"},
    {"cable*", NetworkClass::kResidential, "name:cable"},
    {"*cable", NetworkClass::kResidential, "name:cable"},
    {"fiber*", NetworkClass::kResidential, "name:fibre"},
    {"fibre*", NetworkClass::kResidential, "name:fibre"},
    {"fibra*", NetworkClass::kResidential, "name:fibre"},
    {"ftth", NetworkClass::kResidential, "name:fibre"},
    {"adsl", NetworkClass::kResidential, "name:dsl"},
    {"dsl", NetworkClass::kResidential, "name:dsl"},
    {"isp", NetworkClass::kResidential, "name:isp"},
    {"wisp", NetworkClass::kResidential, "name:isp"},
    {"wireless", NetworkClass::kResidential, "name:wireless"},
    {"telecom*", NetworkClass::kResidential, "name:telecom"},
    {"*telecom", NetworkClass::kResidential, "name:telecom"},
    {"telekom*", NetworkClass::kResidential, "name:telecom"},
    {"telefon*", NetworkClass::kResidential, "name:telecom"},
    {"telephone", NetworkClass::kResidential, "name:telecom"},
    {"telco*", NetworkClass::kResidential, "name:telecom"},
    {"telia", NetworkClass::kResidential, "name:telecom"},
    {"telenor", NetworkClass::kResidential, "name:telecom"},
    {"chinanet", NetworkClass::kResidential, "name:telecom"},
    {"unicom", NetworkClass::kResidential, "name:telecom"},
    {"vodafone", NetworkClass::kResidential, "name:telecom"},
    {"orange", NetworkClass::kResidential, "name:telecom"},
    {"communications", NetworkClass::kResidential, "name:communications"},
    {"internet", NetworkClass::kResidential, "name:internet"},
    {"netcom", NetworkClass::kResidential, "name:internet"},
};

// Two words that mean something only together; asked before the single words.
struct PhraseRule {
  std::string_view phrase;
  NetworkClass network_class;
  std::string_view evidence;
};
constexpr PhraseRule kPhrases[] = {
    {"data center", NetworkClass::kHosting, "name:datacenter"},
    {"data centre", NetworkClass::kHosting, "name:datacenter"},
    {"data centers", NetworkClass::kHosting, "name:datacenter"},
    {"private relay", NetworkClass::kAnonymiser, "name:relay"},
    {"t mobile", NetworkClass::kMobile, "name:mobile"},
};

bool Fits(std::string_view rule, std::string_view word) {
  if (rule.back() == '*') return word.starts_with(rule.substr(0, rule.size() - 1));
  if (rule.front() == '*') return word.ends_with(rule.substr(1));
  return word == rule;
}

}  // namespace

NetworkVerdict ClassOfName(std::string_view organization) {
  // ASCII letters in lower case, runs of anything else as one space; longer names are judged by their
  // beginning.
  std::array<char, 256> buffer{};
  size_t size = 0;
  for (const char c : organization) {
    if (size + 1 >= buffer.size()) break;
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept =
        upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (kept) {
      buffer[size++] = upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (size > 0 && buffer[size - 1] != ' ') {
      buffer[size++] = ' ';
    }
  }
  const std::string_view name(buffer.data(), size);

  for (const PhraseRule& rule : kPhrases) {
    if (name.find(rule.phrase) != std::string_view::npos) {
      const bool relay = rule.network_class == NetworkClass::kAnonymiser;
      return {rule.network_class, relay ? Anonymiser::kRelay : Anonymiser::kNone, rule.evidence};
    }
  }
  for (const WordRule& rule : kRules) {
    for (std::string_view rest = name; !rest.empty();) {
      const size_t space = rest.find(' ');
      const std::string_view word = rest.substr(0, space);
      if (Fits(rule.word, word)) return {rule.network_class, rule.anonymiser, rule.evidence};
      rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    }
  }
  return {};
}

}  // namespace tocsin::daemon

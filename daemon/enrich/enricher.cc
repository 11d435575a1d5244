#include "daemon/enrich/enricher.h"

#include <utility>

#include "base/check.h"
#include "daemon/enrich/device_facts.h"

namespace tocsin::daemon {
namespace {

using schemas::Anonymiser;
using schemas::Missing;
using schemas::NetworkClass;

// About 3 MB of places a worker, and less for the others: a day's addresses of some hundred thousand
// accounts.
constexpr size_t kPlaces = 16384;
constexpr size_t kSystems = 8192;
constexpr size_t kAnonymous = 4096;

void SetMissing(Missing why, schemas::Place& place) {
  place.missing = why;
  place.precision = schemas::Precision::kCountry;
  place.country.clear();
  place.region.clear();
  place.city.clear();
  place.point = {};
  place.radius_km = 0;
}

void SetVerdict(const NetworkVerdict& verdict, schemas::Network& network) {
  network.network_class = verdict.network_class;
  network.anonymiser = verdict.anonymiser;
  network.evidence.assign(verdict.evidence);
}

// Member by member, so that strings keep their capacity and nothing is allocated in the ordinary case.
void Copy(const schemas::Place& from, schemas::Place& to) {
  to.missing = from.missing;
  to.precision = from.precision;
  to.country.assign(from.country);
  to.region.assign(from.region);
  to.city.assign(from.city);
  to.point = from.point;
  to.radius_km = from.radius_km;
}

}  // namespace

Enricher::Enricher(std::shared_ptr<const Databases> databases, std::shared_ptr<const UserAgentParser> parser)
    : databases_(std::move(databases)),
      places_(kPlaces),
      systems_(kSystems),
      anonymity_(kAnonymous),
      user_agents_(std::move(parser)) {
  CHECK(databases_ != nullptr);
}

void Enricher::Use(std::shared_ptr<const Databases> databases) {
  CHECK(databases != nullptr);
  if (databases == databases_) return;
  databases_ = std::move(databases);
  places_.Clear();
  systems_.Clear();
  anonymity_.Clear();
}

void Enricher::Enrich(schemas::Event& event) {
  const bool is_public = event.ip && event.ip->IsPublic();
  FillPlace(event, is_public, event.facts.place);
  FillNetwork(event, is_public, event.facts.network);
  FillDevice(event, event.facts.device);
}

void Enricher::FillPlace(const schemas::Event& event, bool is_public, schemas::Place& place) {
  if (!event.ip) return SetMissing(Missing::kNoAddress, place);
  if (!is_public) return SetMissing(Missing::kPrivate, place);
  if (!databases_->has_city()) return SetMissing(Missing::kNoDatabase, place);
  uint64_t file = 0;
  for (const auto& database : databases_->city(event.ip->is_v4())) {
    ++file;
    const std::optional<uint32_t> record = database->Find(*event.ip);
    if (!record) continue;
    const schemas::Place& known =
        places_.Find(file << 33 | uint64_t{event.ip->is_v4()} << 32 | *record, [&](schemas::Place& out) {
          if (!database->ReadPlace(*record, out)) SetMissing(Missing::kNotFound, out);
        });
    if (known.known()) return Copy(known, place);
  }
  SetMissing(Missing::kNotFound, place);
}

const Enricher::System* Enricher::FindSystem(const IpAddress& address) {
  const System* system = nullptr;
  if (const GeoipDatabase* database = databases_->asn_database()) {
    if (const std::optional<uint32_t> record = database->Find(address)) {
      system = &systems_.Find(*record, [&](System& out) {
        if (!database->ReadSystem(*record, out.asn, out.organization)) out.asn = 0;
        out.verdict = ClassOfSystem(out.asn, out.organization);
      });
    }
  } else if (const AsnRanges* ranges = databases_->asn_ranges()) {
    if (const std::optional<uint32_t> number = ranges->Find(address)) {
      system = &systems_.Find(*number, [&](System& out) {
        const AsnRanges::System found = ranges->SystemAt(*number);
        out.asn = found.asn;
        out.organization.assign(found.organization);
        out.verdict = ClassOfSystem(out.asn, out.organization);
      });
    }
  }
  return system == nullptr || system->asn == 0 ? nullptr : system;
}

void Enricher::FillNetwork(const schemas::Event& event, bool is_public, schemas::Network& network) {
  network.has_address = event.ip.has_value();
  network.address = event.ip.value_or(IpAddress());
  network.asn = 0;
  network.organization.clear();
  if (!is_public) {
    network.missing = event.ip ? Missing::kPrivate : Missing::kNoAddress;
    network.anonymity_missing = network.missing;
    SetVerdict(event.ip ? NetworkVerdict{NetworkClass::kPrivate, Anonymiser::kNone, "address:private"}
                        : NetworkVerdict{},
               network);
    return;
  }
  const System* system = FindSystem(*event.ip);
  if (system != nullptr) {
    network.missing = Missing::kNo;
    network.asn = system->asn;
    network.organization.assign(system->organization);
  } else {
    network.missing = databases_->has_asn() ? Missing::kNotFound : Missing::kNoDatabase;
  }

  NetworkVerdict verdict;
  ListKind list{};
  const GeoipDatabase* anonymity = databases_->anonymity();
  if (databases_->lists().Find(*event.ip, list)) verdict = ClassOfList(list);
  if (!verdict.known() && anonymity != nullptr) {
    if (const std::optional<uint32_t> record = anonymity->Find(*event.ip)) {
      verdict = anonymity_.Find(*record, [&](NetworkVerdict& out) {
        AnonymityFlags flags;
        out = anonymity->ReadAnonymity(*record, flags) ? ClassOfFlags(flags) : NetworkVerdict{};
      });
    }
  }
  if (!verdict.known() && system != nullptr) verdict = system->verdict;
  SetVerdict(verdict, network);

  // "Not anonymous" needs somebody who would have told: a database, a list, or a system whose kind is known.
  const bool told = verdict.known() || anonymity != nullptr || !databases_->lists().empty();
  network.anonymity_missing = told                    ? Missing::kNo
                              : databases_->has_asn() ? Missing::kNotFound
                                                      : Missing::kNoDatabase;
}

void Enricher::FillDevice(const schemas::Event& event, schemas::Device& device) {
  static const UserAgentInfo kNothing;
  const UserAgentInfo& agent = event.user_agent.empty() ? kNothing : user_agents_.Find(event.user_agent);
  FillDeviceFacts(event.device, agent, !event.user_agent.empty(), device);
}

}  // namespace tocsin::daemon

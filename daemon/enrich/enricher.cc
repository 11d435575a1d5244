#include "daemon/enrich/enricher.h"

#include <algorithm>
#include <cstring>
#include <optional>
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
constexpr size_t kAddresses = 65536;
constexpr size_t kPlaces = 32768;
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
      located_(kAddresses),
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
  std::fill(located_.begin(), located_.end(), Located{});
  places_.Clear();
  systems_.Clear();
  anonymity_.Clear();
}

void Enricher::Enrich(schemas::Event& event) {
  const Located* located = event.ip && event.ip->IsPublic() ? &Locate(*event.ip) : nullptr;
  FillPlace(event, located, event.facts.place);
  FillNetwork(event, located, event.facts.network);
  FillDevice(event, event.facts.device);
}

const Enricher::Located& Enricher::Locate(const IpAddress& address) {
  uint64_t high = 0;
  uint64_t low = 0;
  std::memcpy(&high, address.bytes().data(), sizeof high);
  std::memcpy(&low, address.bytes().data() + sizeof high, sizeof low);
  const uint64_t hash = (high ^ low * 0x9E3779B97F4A7C15U) * 0xD6E8FEB86659FD93U;
  Located& entry = located_[hash >> 32 & (kAddresses - 1)];
  if (entry.address == address) return entry;

  entry = Located{};
  const auto& files = databases_->city(address.is_v4());
  for (uint8_t file = 0; file < files.size() && entry.place == Located::kNone; ++file) {
    const std::optional<uint32_t> record = files[file]->Find(address);
    if (!record || !PlaceOf(address.is_v4(), file, *record).known()) continue;
    entry.place = *record;
    entry.city_file = file;
  }
  if (const GeoipDatabase* database = databases_->asn_database()) {
    entry.system = database->Find(address).value_or(Located::kNone);
  } else if (const AsnRanges* ranges = databases_->asn_ranges()) {
    entry.system = ranges->Find(address).value_or(Located::kNone);
  }
  ListKind list{};
  if (databases_->lists().Find(address, list)) {
    entry.verdict = ClassOfList(list);
  } else if (const GeoipDatabase* anonymity = databases_->anonymity()) {
    if (const std::optional<uint32_t> record = anonymity->Find(address)) {
      entry.verdict = anonymity_.Find(*record, [&](NetworkVerdict& out) {
        AnonymityFlags flags;
        out = anonymity->ReadAnonymity(*record, flags) ? ClassOfFlags(flags) : NetworkVerdict{};
      });
    }
  }
  entry.address = address;
  return entry;
}

const schemas::Place& Enricher::PlaceOf(bool v4, uint8_t city_file, uint32_t record) {
  const uint64_t key = uint64_t{city_file} << 33 | uint64_t{v4} << 32 | record;
  return places_.Find(key, [&](schemas::Place& out) {
    if (!databases_->city(v4)[city_file]->ReadPlace(record, out)) SetMissing(Missing::kNotFound, out);
  });
}

const Enricher::System& Enricher::SystemOf(uint32_t record) {
  return systems_.Find(record, [&](System& out) {
    if (const GeoipDatabase* database = databases_->asn_database()) {
      if (!database->ReadSystem(record, out.asn, out.organization)) out.asn = 0;
    } else {
      const AsnRanges::System found = databases_->asn_ranges()->SystemAt(record);
      out.asn = found.asn;
      out.organization.assign(found.organization);
    }
    out.verdict = out.asn == 0 ? NetworkVerdict{} : ClassOfSystem(out.asn, out.organization);
  });
}

void Enricher::FillPlace(const schemas::Event& event, const Located* located, schemas::Place& place) {
  if (!event.ip) return SetMissing(Missing::kNoAddress, place);
  if (located == nullptr) return SetMissing(Missing::kPrivate, place);
  if (!databases_->has_city()) return SetMissing(Missing::kNoDatabase, place);
  if (located->place == Located::kNone) return SetMissing(Missing::kNotFound, place);
  Copy(PlaceOf(event.ip->is_v4(), located->city_file, located->place), place);
}

void Enricher::FillNetwork(const schemas::Event& event, const Located* located, schemas::Network& network) {
  network.has_address = event.ip.has_value();
  network.address = event.ip.value_or(IpAddress());
  network.asn = 0;
  network.organization.clear();
  if (located == nullptr) {
    network.missing = event.ip ? Missing::kPrivate : Missing::kNoAddress;
    network.anonymity_missing = network.missing;
    SetVerdict(event.ip ? NetworkVerdict{NetworkClass::kPrivate, Anonymiser::kNone, "address:private"}
                        : NetworkVerdict{},
               network);
    return;
  }
  NetworkVerdict verdict = located->verdict;
  network.missing = databases_->has_asn() ? Missing::kNotFound : Missing::kNoDatabase;
  if (located->system != Located::kNone) {
    const System& system = SystemOf(located->system);
    if (system.asn != 0) {
      network.missing = Missing::kNo;
      network.asn = system.asn;
      network.organization.assign(system.organization);
      if (!verdict.known()) verdict = system.verdict;
    }
  }
  SetVerdict(verdict, network);

  // "Not anonymous" needs somebody who would have told: a database, a list, or a system whose kind is known.
  const bool told = verdict.known() || databases_->anonymity() != nullptr || !databases_->lists().empty();
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

// Finds out where an event comes from, through which network, and with which device. The only place where
// databases and events meet.
//
// Never fails: what cannot be found out is left empty with the reason (Missing), so that detectors can say
// "not evaluable".
//
// Thread safety: none; each worker has its own, over databases that all share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/enrich/databases.h"
#include "daemon/enrich/network_class.h"
#include "daemon/enrich/record_cache.h"
#include "daemon/enrich/user_agent_cache.h"
#include "schemas/event.h"

namespace tocsin::daemon {

class Enricher final {
 public:
  explicit Enricher(std::shared_ptr<const Databases> databases,
                    std::shared_ptr<const UserAgentParser> parser = UserAgentParser::Default());

  // From the next event on. Cheap when they are the ones in use; otherwise forgets every cached record.
  void Use(std::shared_ptr<const Databases> databases);
  [[nodiscard]] const Databases& databases() const { return *databases_; }

  // Fills all of event.facts from event.ip, event.device and event.user_agent; what was there before is gone.
  void Enrich(schemas::Event& event);

  [[nodiscard]] const UserAgentCache& user_agents() const { return user_agents_; }

 private:
  struct System {
    uint32_t asn = 0;
    std::string organization;
    NetworkVerdict verdict;
  };

  // What the databases' trees say of an address: walked once, as long as it stays in the cache.
  struct Located {
    static constexpr uint32_t kNone = ~uint32_t{0};
    IpAddress address;        // Never public before the entry is used, so an unused one matches nothing.
    uint32_t place = kNone;   // Record of a city file.
    uint32_t system = kNone;  // Record of the ASN file, or number in the ranges.
    uint8_t city_file = 0;    // Which one of Databases::city.
    NetworkVerdict verdict;   // Of a list or the anonymity database; else unknown.
  };

  const Located& Locate(const IpAddress& address);
  void FillPlace(const schemas::Event& event, const Located* located, schemas::Place& place);
  void FillNetwork(const schemas::Event& event, const Located* located, schemas::Network& network);
  void FillDevice(const schemas::Event& event, schemas::Device& device);
  const schemas::Place& PlaceOf(bool v4, uint8_t city_file, uint32_t record);
  const System& SystemOf(uint32_t record);

  std::shared_ptr<const Databases> databases_;
  std::vector<Located> located_;  // By a hash of the address.
  RecordCache<schemas::Place> places_;
  RecordCache<System> systems_;
  RecordCache<NetworkVerdict> anonymity_;
  UserAgentCache user_agents_;
};

}  // namespace tocsin::daemon

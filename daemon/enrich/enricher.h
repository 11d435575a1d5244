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

  void FillPlace(const schemas::Event& event, bool is_public, schemas::Place& place);
  void FillNetwork(const schemas::Event& event, bool is_public, schemas::Network& network);
  void FillDevice(const schemas::Event& event, schemas::Device& device);
  const System* FindSystem(const IpAddress& address);

  std::shared_ptr<const Databases> databases_;
  RecordCache<schemas::Place> places_;
  RecordCache<System> systems_;
  RecordCache<NetworkVerdict> anonymity_;
  UserAgentCache user_agents_;
};

}  // namespace tocsin::daemon

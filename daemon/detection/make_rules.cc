#include "daemon/detection/make_rules.h"

#include "daemon/version.h"

namespace tocsin::daemon {

std::shared_ptr<const Rules> MakeRules(const Config& config, const Databases& databases) {
  return std::make_shared<Rules>(config.rules, schemas::Versions{.program = kProgramVersion,
                                                                 .config = config.rules_hash,
                                                                 .geoip = databases.version()});
}

}  // namespace tocsin::daemon

// The processor that is simulated, and the oracle: the same arithmetic written twice, once as a processor
// with segments under the engine, once as a plain loop over the input.
//
// Of each key and topic it remembers how many records there were and a hash over their texts, and puts out a
// line for each record. Within a topic the order of a key's records is fixed; between topics it is not, and
// nothing here depends on it. "erase" forgets a key (such keys live in one topic only); "poison" is no record
// at all and goes to the dead letters.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "daemon/engine/processor.h"
#include "tests/sim/cluster.h"

namespace tocsin::sim {

class LedgerProcessor final : public daemon::Processor {
 public:
  [[nodiscard]] std::unique_ptr<daemon::KeyedState> NewState(std::string_view key) const override;
  [[nodiscard]] uint64_t state_form() const override { return 1; }
  [[nodiscard]] Result<Done> Process(const schemas::Record& record, Timestamp now, daemon::States& states,
                                     daemon::Outputs& outputs) override;
};

struct Truth {
  std::multiset<std::string> lines;
  std::multiset<std::string> letters;
  // By changelog key (kind and key of the state), of each partition.
  std::map<int32_t, std::map<std::string, std::string>> segments;
};
// What must be there in the end.
[[nodiscard]] Truth Expect(Cluster& cluster);

}  // namespace tocsin::sim

// A processor is a pure state machine over (record, state): the engine feeds it records of one partition in
// order, keeps its states, and makes what it put out durable. Account detection is the first; entity
// detection and delivery are the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/engine/keyed_state.h"
#include "schemas/record.h"

namespace tocsin::daemon {

// What processing put out since the last commit. Reused: Clear keeps capacity.
struct Outputs {
  std::vector<schemas::OutRecord> records;
  size_t bytes = 0;     // Of keys and values in `records`.
  bool urgent = false;  // Somebody waits (a high finding): commit now.

  void Add(schemas::OutRecord record) {
    bytes += record.key.size() + record.value.size();
    records.push_back(std::move(record));
  }
  void Clear() {
    records.clear();
    bytes = 0;
    urgent = false;
  }
};

// The states of one partition.
class States {
 public:
  virtual ~States() = default;
  // The state of `key`, made when there is none; the pointer holds until Process returns. An error is the
  // store's: the record is not processed and the partition stops.
  [[nodiscard]] virtual Result<KeyedState*> Load(std::string_view key) = 0;
  // Forgets the key, in memory, on disk and in the changelog. Errors as of Load.
  [[nodiscard]] virtual Result<Done> Erase(std::string_view key) = 0;
};

class Processor {
 public:
  virtual ~Processor() = default;

  [[nodiscard]] virtual std::unique_ptr<KeyedState> NewState(std::string_view key) const = 0;
  // Grows whenever states are written in a form that programs until then do not read; what is written in a
  // greater one is refused before anything is served. 0: there is one form only.
  [[nodiscard]] virtual uint64_t state_form() const { return 0; }
  // The wall clock is `now`; it decides nothing. Errors are of the store only: what is wrong with a record is
  // an output.
  [[nodiscard]] virtual Result<Done> Process(const schemas::Record& record, Timestamp now, States& states,
                                             Outputs& outputs) = 0;

  // The key that the record will load first, as far as that can be told without decoding it; "" when it
  // cannot. A hint: nothing depends on it but speed.
  [[nodiscard]] virtual std::string_view LikelyKey(const schemas::Record& record) { return record.key; }
  // Of what NewState makes; 0 unknown. A hint as well.
  [[nodiscard]] virtual size_t state_bytes() const { return 0; }
};

}  // namespace tocsin::daemon

// In which form the states of a partition may be written: what an older program must know before it serves
// anything, since it could not read the state of the first account that comes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/engine/commit_record.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

// Where what is read stands, and what is in it; a kConflict that names the remedy.
[[nodiscard]] Error WrittenByALaterVersion(std::string_view where, const std::string& what);

// kConflict when states may be in a later form than `known` (Processor::state_form of this program).
[[nodiscard]] Result<Done> CheckStateForm(const CommitRecord& record, uint64_t known, std::string_view where);

// The same of every checkpoint in the store: for a start, before the process takes its share of the work.
// Other errors are of the store. A checkpoint that cannot be read is none.
[[nodiscard]] Result<Done> CheckStateForms(StateStore& store, uint64_t known);

}  // namespace tocsin::daemon

// Opens a store of states, by what there is to do when it cannot be read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {

// A store that cannot be read is removed and made anew: for states that a changelog holds whole. `report` is
// told (a stable code, a text). Other errors as of StateStore::Open.
[[nodiscard]] Result<std::unique_ptr<StateStore>> OpenOrDrop(
    const std::string& directory, const StoreOptions& options,
    const std::function<void(std::string_view code, const std::string& text)>& report);

// For states of the embedded log, which has only what follows the checkpoint: the error says so.
[[nodiscard]] Result<std::unique_ptr<StateStore>> OpenOnlyCopy(const std::string& directory,
                                                               const StoreOptions& options);

}  // namespace tocsin::daemon

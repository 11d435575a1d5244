// Opens the store of states that are also elsewhere.
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

}  // namespace tocsin::daemon

// How the account's state knows a transaction.
#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin::detectors {

// 40 bits of a hash of `transaction_id`, which is not empty: what TransactionKey gives for its events.
[[nodiscard]] uint64_t TransactionKeyOf(std::string_view transaction_id);

}  // namespace tocsin::detectors

// A record that cannot be processed is kept whole in a dead letter. Topics bound the size of what they take,
// and a letter is larger than its record: without care, one hostile record that is just small enough for the
// input would be a letter that can never be written, and its partition would stand still.
#pragma once

#include <cstdint>
#include <string_view>

#include "schemas/record.h"

namespace tocsin::daemon {

// An upper bound of the bytes of the letter that holds `record`, in base64 and as JSON.
[[nodiscard]] int64_t LetterBytesMax(const schemas::Record& record);

// An upper bound of the bytes of a batch with the record alone, once `kafka.ingest: rekey` has moved it: with
// the account as its key and three headers more.
[[nodiscard]] int64_t MovedBytesMax(const schemas::Record& record, std::string_view account);

// Cuts the record until its letter fits into `bytes_max`: the key to 1 KiB, then the headers away, then the
// end of the value. False when it fits as it is. Only records far beyond what is an event are cut (see
// kafka_log.h).
bool FitRecord(int64_t bytes_max, schemas::Record& record);

}  // namespace tocsin::daemon

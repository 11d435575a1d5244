// A record that could not become an event, kept whole so that a person can look at it and a command can
// replay it.
#pragma once

#include "schemas/alert.h"
#include "schemas/record.h"
#include "schemas/rejection.h"

namespace tocsin::schemas {

// Copies the record's bytes, headers and place. Nothing of the record's content is in `reason`, `field` or
// `detail`.
[[nodiscard]] DeadLetter ToDeadLetter(const Record& record, const Rejection& rejection);

// The letter's own id: 32 hex digits, a hash of the record's place (topic, partition, offset). The same
// record read again after a crash gives the same letter.
[[nodiscard]] std::string DeadLetterId(const DeadLetter& letter);

}  // namespace tocsin::schemas

// From the members of a document to an event: what contracts.md §2 says of each type.
#pragma once

#include "schemas/codec/bounds.h"
#include "schemas/codec/fields.h"
#include "schemas/event.h"

namespace tocsin::schemas::codec {

// Reads what all types have in common, `source` excepted when absent. False with the rejection made.
// REQUIRES: `event` is cleared.
[[nodiscard]] bool ReadCommon(const Fields& fields, Event& event);

// Reads the payload that event.payload holds. False with the rejection made.
// REQUIRES: `event` is cleared.
[[nodiscard]] bool ReadPayload(const Fields& fields, Event& event);

// How many present members of the outermost object an event of that type does not have.
[[nodiscard]] size_t CountForeignMembers(const Document& document, EventType type);

}  // namespace tocsin::schemas::codec

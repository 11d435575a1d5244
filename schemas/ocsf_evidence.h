// The event behind a finding as OCSF's evidences and observables: where it came from, on which device.
#pragma once

#include "base/json_writer.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::schemas {

// "evidences": one element. Its `data` is what the verdict used; the rest is of the event, nullptr for none.
void WriteOcsfEvidence(JsonWriter& json, const Finding& finding, const Event* event);

// "observables": the values of the record that are worth a search, each with its place in it.
void WriteObservables(JsonWriter& json, const Finding& finding, const Event* event);

}  // namespace tocsin::schemas

// A batch of events in one body: the elements of a JSON array (application/cloudevents-batch+json).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tocsin::schemas {

// The text of each element, in order, without the white space around it; views into `json`. Only the
// outermost array is looked at: an element that is not JSON comes out as it is, so that the decoder rejects
// it alone and the rest of the batch stands. kInvalid when `json` is not an array, or nothing tells where its
// elements end. Of more than `elements_max` the first.
[[nodiscard]] Result<std::vector<std::string_view>> SplitBatch(std::string_view json,
                                                               size_t elements_max = SIZE_MAX);

// More than one JSON object, in an array or one after another: what a sender took for one.
[[nodiscard]] bool IsSeveral(std::string_view json);

}  // namespace tocsin::schemas

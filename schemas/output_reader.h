// Outputs read back from their records, for lists that an operator looks at.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schemas/alert.h"

namespace tocsin::schemas {

// The members of a JSON object that are texts, numbers or booleans, as texts; empty for anything else.
[[nodiscard]] std::map<std::string, std::string, std::less<>> PlainMembers(std::string_view json);

// The elements of an array that is a member of the object, each as its own JSON; empty when there is no such
// array.
[[nodiscard]] std::vector<std::string> ArrayMember(std::string_view json, const std::string& name);

// As AppendJson wrote it. kInvalid names what is missing or wrong.
[[nodiscard]] Result<DeadLetter> ReadDeadLetter(std::string_view json);

}  // namespace tocsin::schemas

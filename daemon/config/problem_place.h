// Where in the file a problem is, as compilers and editors write it.
#pragma once

#include <string>

namespace tocsin::daemon {

struct ConfigProblem;

// "path:line:column"; the path alone for a problem of no place in the file, which may not even be there.
[[nodiscard]] std::string PlaceIn(const std::string& path, const ConfigProblem& problem);

}  // namespace tocsin::daemon

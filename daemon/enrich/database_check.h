// What is wrong with the files of the databases: all of it, for a person.
#pragma once

#include <string>
#include <vector>

#include "daemon/enrich/databases.h"

namespace tocsin::daemon {

struct DatabaseProblem {
  std::string key;  // "geoip.city[1]"
  Error error;      // Its `field` is the file.
};
// Everything that LoadDatabases would refuse.
[[nodiscard]] std::vector<DatabaseProblem> CheckDatabases(const DatabasePaths& paths);

}  // namespace tocsin::daemon

// Options of the commands that ask a running daemon, and how they fail.
#pragma once

#include <string>

#include "base/result.h"
#include "daemon/http/admin_client.h"

namespace CLI {
class App;
}

namespace tocsin::daemon {

struct AdminArguments {
  AdminTarget target;
  std::string token_file;
};
void AddAdminOptions(CLI::App& command, AdminArguments& arguments);
// With the token read.
[[nodiscard]] Result<AdminTarget> TargetOf(const AdminArguments& arguments);

// What a daemon says to who gives no token, in the words of a command line.
[[nodiscard]] std::string NamingTokenFile(std::string text);
// "tocsin NAME: what" to standard error; the exit code for the error.
[[nodiscard]] int FailAs(const char* name, const Error& error);

}  // namespace tocsin::daemon

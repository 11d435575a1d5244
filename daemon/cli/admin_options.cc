#include "daemon/cli/admin_options.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <string_view>

#include "daemon/cli/command.h"
#include "daemon/http/access_token.h"
#include "daemon/service/plain_text.h"

namespace tocsin::daemon {

void AddAdminOptions(CLI::App& command, AdminArguments& arguments) {
  command.add_option("--admin", arguments.target.url, "The daemon's admin interface (http.admin_listen)");
  command.add_option(
      "--token-file", arguments.token_file,
      "File with its token: that of http.admin_token, or of http.admin_read_token to look only");
}

Result<AdminTarget> TargetOf(const AdminArguments& arguments) {
  AdminTarget target = arguments.target;
  if (arguments.token_file.empty()) return target;
  const Timestamp now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  Result<AccessToken> token = ReadTokenFile(arguments.token_file, now);
  if (!token) return Error{ErrorCode::kInvalid, token.error().field, token.error().detail};
  target.token = token->value;
  return target;
}

std::string NamingTokenFile(std::string text) {
  constexpr std::string_view kHeader = "Authorization: Bearer TOKEN";
  if (const size_t at = text.find(kHeader); at != std::string::npos)
    text.replace(at, kHeader.size(), "--token-file FILE");
  return text;
}

int FailAs(const char* name, const Error& error) {
  std::fprintf(stderr, "tocsin %s: %s\n", name, Plain(NamingTokenFile(error.ToString())).c_str());
  switch (error.code) {
    case ErrorCode::kInvalid:
      return kExitUsage;
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
      return kExitProblem;
    case ErrorCode::kUnavailable:
    case ErrorCode::kCorrupt:
    case ErrorCode::kExhausted:
      return kExitUnavailable;
  }
  return kExitUnavailable;
}

}  // namespace tocsin::daemon

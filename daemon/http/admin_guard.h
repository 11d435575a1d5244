// What stands before every path of /admin/v1: a token, a limit, and a line in the audit log for each change.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/audit_log.h"
#include "daemon/http/http_server.h"

namespace tocsin::daemon {

struct AdminTokens {
  std::string change;  // May do everything. Not empty.
  std::string look;    // May look; "" : there is none.
};

//   401 without a token that we know; 403 a token that may only look, for a change; 429 with Retry-After: too
//   many requests, or too many wrong tokens from one address; 404 a path below /admin/v1 that is none; 405
//   with Allow: the path takes another method; 503 the audit log cannot be written: nothing was changed
//
// Errors are {"error":"…"}. Thread safe, once its routes are made; outlives them.
class AdminGuard {
 public:
  using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;
  AdminGuard(
      AdminTokens tokens, AuditLog& audit,
      SteadyClock clock = [] { return std::chrono::steady_clock::now(); });

  using Look = std::function<HttpResponse(const HttpRequest&)>;
  // What the request would be done to, as the audit log names it: "erase 5f0c1d2e3a4b5c6d". Of the request
  // alone, so that it stands in the line before the change and in that of a refusal; "" for a request that is
  // none.
  using Subject = std::function<std::string(const HttpRequest&)>;
  [[nodiscard]] HttpRoute Looking(std::string path, Look look);
  [[nodiscard]] HttpRoute Changing(std::string path, std::string action, Subject subject, Look change);
  // For what no other route takes: last of all.
  [[nodiscard]] std::vector<HttpRoute> NothingElse();

 private:
  // Tokens are given back with time, one by one.
  struct Bucket {
    double held = 0;
    std::chrono::steady_clock::time_point at;
  };
  enum class Right { kLook, kChange };
  [[nodiscard]] HttpRoute Guarded(std::string path, Look look);
  // The answer that refuses the request; status 0 when it is let in. `credential` is the name of the token.
  [[nodiscard]] HttpResponse Refusal(const HttpRequest& request, Right right, std::string& credential);
  void WriteRefusal(AuditEntry entry);
  [[nodiscard]] bool Take(Bucket& bucket, double per_second, double most);

  const AdminTokens tokens_;
  AuditLog& audit_;
  const SteadyClock clock_;
  std::vector<HttpRoute> known_;  // Method and path of each route.
  std::mutex mutex_;
  // Of each token its own: who may look keeps nobody out who may change.
  Bucket looking_;
  Bucket changing_;
  std::map<std::string, Bucket, std::less<>> wrong_;  // By address.
  // Of the token that may only look: its last line of a refused change, and how many had none since.
  std::optional<std::chrono::steady_clock::time_point> refused_at_;
  int64_t refused_since_ = 0;
};

[[nodiscard]] HttpResponse JsonAnswer(int status, std::string body);
[[nodiscard]] HttpResponse ProblemAnswer(int status, std::string_view text);

// The value of a parameter of the query, percent-decoded; "" when it is not there.
[[nodiscard]] std::string QueryValue(std::string_view query, std::string_view name);
// {"name":"text",…} with texts without escapes: the only bodies there are. False: it is another.
[[nodiscard]] bool ReadFlatObject(std::string_view body,
                                  std::map<std::string, std::string, std::less<>>& members);

}  // namespace tocsin::daemon

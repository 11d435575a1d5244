// The commands' side of /admin/v1.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

struct AdminTarget {
  std::string url = "http://127.0.0.1:8701";  // "http://HOST:PORT"; a path behind it is refused.
  std::string token;
  std::string setting = "http.admin_listen";                 // The key that says where the daemon listens.
  std::chrono::seconds patience = std::chrono::seconds(15);  // For an answer: longer than a tap waits.
};

// One request each. The body of the answer; kNotFound: 404; kInvalid: the daemon refuses, with what it says;
// kUnavailable: it does not answer, or asks to wait. Errors never hold the token.
[[nodiscard]] Result<std::string> AdminGet(const AdminTarget& target, const std::string& path);
[[nodiscard]] Result<std::string> AdminPost(const AdminTarget& target, const std::string& path,
                                            std::string_view body);

// The same of an answer that says no and why in its body: whatever its status. Errors are of no answer.
struct AdminAnswer {
  int status = 0;
  std::string body;
};
[[nodiscard]] Result<AdminAnswer> AdminPostAny(const AdminTarget& target, const std::string& path,
                                               std::string_view body);
// The error that such an answer is to who expected another.
[[nodiscard]] Error AdminRefusal(const AdminTarget& target, const AdminAnswer& answer);

}  // namespace tocsin::daemon

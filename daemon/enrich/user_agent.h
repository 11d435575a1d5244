// What a User-Agent header says: browser, operating system, device. By the expressions of uap-core, evaluated
// with RE2, so that no text takes more than linear time.
//
// Method: for each of the three lists the literals that a match must contain are looked for in one pass over
// the text; only the expressions whose literals are there are tried, in the file's order. (Of about 1,200
// expressions a usual text tries 50.)
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

// Empty: not told. Texts are valid UTF-8 of at most 64 bytes, but otherwise what the sender wrote.
struct UserAgentInfo {
  std::string browser_family;  // "Chrome Mobile", "Safari"; or the name of an app: "PayApp" of "PayApp/5.2
                               // (iPhone; …)".
  std::string os_family;       // "Android", "iOS", "Windows", "macOS", "Ubuntu".
  std::string device_model;    // "SM-S918B", "iPhone"; empty for desktops and where the browser hides it.
  std::string device_brand;    // "Samsung", "Apple".
  int browser_major = 0;       // 0: unknown.
  int os_major = 0;
  friend bool operator==(const UserAgentInfo&, const UserAgentInfo&) = default;
};

// Thread safety: immutable; Parse may run on any number of threads.
class UserAgentParser final {
 public:
  // The parser of the expressions compiled into the program: user_agent_apps.yaml, then uap-core. They are
  // prepared (about 0.1 s) at the first call, which the daemon makes while it starts; commands that see no
  // event never pay for it.
  static std::shared_ptr<const UserAgentParser> Default();

  // From the text of a regexes.yaml. An expression that RE2 cannot compile is left out and counted.
  static Result<std::shared_ptr<const UserAgentParser>> FromYaml(std::string_view yaml);

  ~UserAgentParser();
  UserAgentParser(const UserAgentParser&) = delete;
  UserAgentParser& operator=(const UserAgentParser&) = delete;

  // Only the first kBytesMax bytes are looked at.
  static constexpr size_t kBytesMax = 1024;
  [[nodiscard]] UserAgentInfo Parse(std::string_view user_agent) const;

  [[nodiscard]] size_t rule_count() const;
  [[nodiscard]] size_t skipped_count() const;  // Expressions RE2 cannot compile.

 private:
  struct Lists;  // Keeps re2 out of here.
  explicit UserAgentParser(std::unique_ptr<Lists> lists);
  std::unique_ptr<Lists> lists_;
};

}  // namespace tocsin::daemon

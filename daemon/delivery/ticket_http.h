// What the interfaces of ticket systems share: JSON both ways, who we are, and what an answer means.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/percent_encoded.h"
#include "daemon/delivery/ticket_system.h"

namespace tocsin::daemon {

// One thread.
class TicketHttp {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  // `scheme` stands before the token where there is no user: "Bearer ". `config` outlives this.
  TicketHttp(const TicketsConfig& config, std::string scheme, HttpClientOptions options);

  // `path` begins behind the configured address. What came back with 2xx; nothing but JSON is taken. The
  // answer is good until the next call.
  [[nodiscard]] TicketResult<simdjson::dom::element> Get(const std::string& path);
  [[nodiscard]] TicketResult<simdjson::dom::element> Send(const char* method, const std::string& path,
                                                          std::string body, Headers headers = {});

 private:
  const TicketsConfig& config_;
  const std::string scheme_;
  HttpClient client_;
  simdjson::dom::parser parser_;
  simdjson::padded_string answer_;
};

// The text or whole number at a JSON pointer ("/items/0/id"); "" when there is none.
[[nodiscard]] std::string TextAt(const simdjson::dom::element& json, std::string_view pointer);
// The list there; an empty one when there is none.
[[nodiscard]] std::vector<simdjson::dom::element> ListAt(const simdjson::dom::element& json,
                                                         std::string_view pointer);

// "fraud", "false positive", "false_positive", …; kNone for all else.
[[nodiscard]] TicketOutcome OutcomeNamed(std::string_view name);

// The text, or as many whole lines of it as fit into `units_max` UTF-16 units with a line that says that it
// was cut: a ticket system that limits its fields refuses what is longer.
[[nodiscard]] std::string CutLines(std::string_view text, size_t units_max);

// Begins every text that is appended, and says whose words they are: what Holds looks for.
[[nodiscard]] std::string OperationMark(std::string_view operation_id);

[[nodiscard]] std::unique_ptr<TicketSystem> MakeRequestTracker(const TicketsConfig& config,
                                                               HttpClientOptions options);
[[nodiscard]] std::unique_ptr<TicketSystem> MakeZammad(const TicketsConfig& config,
                                                       HttpClientOptions options);
[[nodiscard]] std::unique_ptr<TicketSystem> MakeZendesk(const TicketsConfig& config,
                                                        HttpClientOptions options);
[[nodiscard]] std::unique_ptr<TicketSystem> MakeJira(const TicketsConfig& config, HttpClientOptions options);

}  // namespace tocsin::daemon

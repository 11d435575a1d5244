// Where notices and tickets go. Nothing configured: nothing is sent, and nothing runs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "daemon/delivery/retry.h"
#include "schemas/event.h"

namespace tocsin::daemon {

struct MailConfig {
  std::string
      url;  // "smtp://mail.example.com:587" (STARTTLS) or "smtps://mail.example.com" (TLS). "" : no mail.
  std::string username;  // "" : no login.
  std::string password;  // The secret's bytes.
  std::string ca;        // PEM file; "" : the system's.
  bool tls = true;       // False only for a relay on this machine.
  std::string from;      // "security@example.com"
  std::string from_name;
  std::string bounces;  // Envelope sender; "" : as `from`.
  std::string hello;    // How we name ourselves to the relay; "" : the machine's name.
  int connections = 4;
  int per_minute = 0;  // 0: as fast as the relay takes them.
};

struct WebhookConfig {
  std::string name;
  std::string url;
  std::vector<std::string> keys;  // Their bytes; each signs, so that keys can be changed.
  std::string ca;                 // PEM file; "" : the system's.
  bool allow_private = false;
  bool notices = true;
  bool tickets = false;
  // Notices with a recipient of one of these channels; empty: every notice.
  std::vector<schemas::ContactChannel> channels;
  int connections = 4;
  int per_minute = 0;
};

struct TicketsConfig {
  enum class System : uint8_t { kNone, kRequestTracker, kZammad, kZendesk, kJira };
  System system = System::kNone;
  std::string url;    // "https://tickets.example.com"
  std::string user;   // With it `token` is a password; "" : the token stands alone.
  std::string token;  // The secret's bytes.
  std::string ca;     // PEM file; "" : the system's.
  bool allow_private = false;
  std::string queue = "Security";                // Queue (Request Tracker), group (Zammad), project (Jira).
  std::string request_type;                      // Jira: name of the issue type.
  std::string case_field = "tocsin_case";        // Custom field or attribute that holds the case.
  std::string outcome_field = "tocsin_outcome";  // The one an agent sets.
  std::string requester;                         // Address in whose name tickets are made.
  std::chrono::seconds poll = std::chrono::minutes(1);      // How often outcomes are read; 0: never.
  std::chrono::seconds keep = std::chrono::hours(24 * 30);  // A ticket's name, after its last word.
  int connections = 2;

  [[nodiscard]] bool enabled() const { return system != System::kNone; }
};

struct DeliveryConfig {
  MailConfig mail;
  std::vector<WebhookConfig> webhooks;
  TicketsConfig tickets;
  std::vector<std::chrono::seconds> retry_waits = DefaultRetryWaits();
  std::chrono::seconds timeout = std::chrono::seconds(20);  // Of one attempt.
  std::chrono::seconds keep_failed = std::chrono::hours(24 * 30);
  int flood_max = 5'000;
  std::chrono::seconds flood_window = std::chrono::minutes(10);
  std::string changelog_topic = "tocsin.delivery-changelog";  // Kafka only.

  [[nodiscard]] bool enabled() const { return !mail.url.empty() || !webhooks.empty() || tickets.enabled(); }
};

}  // namespace tocsin::daemon

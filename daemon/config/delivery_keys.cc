#include "daemon/config/key_builder.h"

namespace tocsin::daemon {

using std::chrono::seconds;

namespace {

void AddMailKeys(KeyBuilder& b) {
  const auto text = [&b](const char* name, std::string MailConfig::*member, const char* doc) {
    b.Add<std::string>(
        std::string("delivery.mail.") + name,
        [member](Config& c) -> std::string& { return c.delivery.mail.*member; }, doc);
  };
  b.Url(
      "delivery.mail.url", [](Config& c) -> std::string& { return c.delivery.mail.url; },
      "Mail relay: smtp://mail.example.com:587 (STARTTLS) or smtps://mail.example.com (TLS); empty: no "
      "mail.");
  text("username", &MailConfig::username, "Login at the relay; empty: none.");
  b.Secret(
      "delivery.mail.password", [](Config& c) -> std::string& { return c.delivery.mail.password; },
      "Its password.");
  b.Path(
      "delivery.mail.ca", [](Config& c) -> std::string& { return c.delivery.mail.ca; },
      "PEM file of those who may sign the relay's certificate; empty: the system's.");
  b.Add<bool>(
      "delivery.mail.tls", [](Config& c) -> bool& { return c.delivery.mail.tls; },
      "False sends in the clear, and only to a relay on this machine.");
  text("from", &MailConfig::from, "Sender address of notices; its domain is that of the Message-IDs.");
  text("from_name", &MailConfig::from_name, "Sender name, as owners know it; empty: notices.brand.");
  text("bounces", &MailConfig::bounces, "Envelope sender, where bounces go; empty: as from.");
  text("hello", &MailConfig::hello, "How we name ourselves to the relay; empty: the machine's name.");
  b.Add<int>(
      "delivery.mail.connections", [](Config& c) -> int& { return c.delivery.mail.connections; },
      "Connections to the relay at once.", 1, 64);
  b.Add<int>(
      "delivery.mail.per_minute", [](Config& c) -> int& { return c.delivery.mail.per_minute; },
      "Most mails in a minute; 0: as fast as the relay takes them.", 0, 1'000'000, "mails");
}

void AddTicketKeys(KeyBuilder& b) {
  using System = TicketsConfig::System;
  const auto text = [&b](const char* name, std::string TicketsConfig::*member, const char* doc) {
    b.Add<std::string>(
        std::string("delivery.tickets.") + name,
        [member](Config& c) -> std::string& { return c.delivery.tickets.*member; }, doc);
  };
  b.Choice<System>(
      "delivery.tickets.system", [](Config& c) -> System& { return c.delivery.tickets.system; },
      {{"none", System::kNone},
       {"request_tracker", System::kRequestTracker},
       {"zammad", System::kZammad},
       {"zendesk", System::kZendesk},
       {"jira", System::kJira}},
      "Ticket system that cases go to; others by a webhook with tickets: true.");
  b.Url(
      "delivery.tickets.url", [](Config& c) -> std::string& { return c.delivery.tickets.url; },
      "Its address: https://tickets.example.com");
  text("user", &TicketsConfig::user,
       "Who we are there, when the token is a password; empty: the token alone.");
  b.Secret(
      "delivery.tickets.token", [](Config& c) -> std::string& { return c.delivery.tickets.token; },
      "Token or password.");
  b.Path(
      "delivery.tickets.ca", [](Config& c) -> std::string& { return c.delivery.tickets.ca; },
      "PEM file of those who may sign its certificate; empty: the system's.");
  b.Add<bool>(
      "delivery.tickets.allow_private", [](Config& c) -> bool& { return c.delivery.tickets.allow_private; },
      "It is inside our own network: private addresses, and http.");
  text("queue", &TicketsConfig::queue,
       "Where new tickets go: queue (Request Tracker), group (Zammad), key of the project (Jira).");
  text("request_type", &TicketsConfig::request_type, "Name of the issue type (Jira).");
  text("case_field", &TicketsConfig::case_field,
       "Custom field (Request Tracker) or attribute (Zammad) that holds the case; it must be there.");
  text("outcome_field", &TicketsConfig::outcome_field,
       "Custom field or attribute in which agents say what it was: fraud, or false positive.");
  text("requester", &TicketsConfig::requester, "Address in whose name tickets are made.");
  b.Add<int>(
      "delivery.tickets.connections", [](Config& c) -> int& { return c.delivery.tickets.connections; },
      "Requests at once.", 1, 16);
  b.Add<seconds>(
      "delivery.tickets.poll", [](Config& c) -> seconds& { return c.delivery.tickets.poll; },
      "How often what agents decided is read; 0: never.", 0, 86'400);
  b.Add<seconds>(
      "delivery.tickets.keep", [](Config& c) -> seconds& { return c.delivery.tickets.keep; },
      "How long a ticket's name, with its case and account, is kept after its last word: what an agent "
      "decides "
      "later is not passed on.",
      86'400, 400 * 86'400.0);
}

}  // namespace

void AddDeliveryKeys(KeyBuilder& b) {
  AddMailKeys(b);
  AddTicketKeys(b);
  const auto duration = [&b](const char* name, seconds DeliveryConfig::*member, double min, double max,
                             const char* doc) {
    b.Add<seconds>(
        std::string("delivery.") + name, [member](Config& c) -> seconds& { return c.delivery.*member; }, doc,
        min, max);
  };
  duration("timeout", &DeliveryConfig::timeout, 1, 120, "How long one attempt may take.");
  duration("keep_failed", &DeliveryConfig::keep_failed, 3600, 365 * 86'400.0,
           "How long what was refused or given up is kept for a person to replay.");
  b.Add<int>(
      "delivery.flood_max", [](Config& c) -> int& { return c.delivery.flood_max; },
      "Notices within flood_window beyond which further ones are held until an operator releases them; those "
      "of severity high and critical count by themselves. 0: never.",
      0, 100'000'000, "notices");
  duration("flood_window", &DeliveryConfig::flood_window, 10, 86'400, "See flood_max.");
  b.Add<std::string>(
      "delivery.changelog_topic", [](Config& c) -> std::string& { return c.delivery.changelog_topic; },
      "Compacted topic that holds the state of deliveries (Kafka only); no other program writes it.");
}

}  // namespace tocsin::daemon

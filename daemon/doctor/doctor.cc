#include "daemon/doctor/doctor.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "base/json_writer.h"
#include "daemon/config/memory_budget.h"
#include "daemon/config/problem_place.h"
#include "daemon/delivery/delivery_kafka.h"
#include "daemon/delivery/reach.h"
#include "daemon/delivery/ticket_system.h"
#include "daemon/doctor/machine.h"
#include "daemon/doctor/secrets.h"
#include "daemon/enrich/databases.h"
#include "daemon/log/kafka_inspection.h"
#include "daemon/log/local_store.h"

namespace tocsin::daemon {
namespace {

using std::chrono::hours;

// Addresses move from place to place; a database of two months ago is wrong for several in a hundred.
constexpr hours kDatabaseAgeMax{24 * 45};

void ExamineConfig(const LoadedConfig& loaded, const std::string& path, Diagnoses& said) {
  const std::string file = path.empty() ? "the built-in defaults" : path;
  for (const ConfigProblem& problem : loaded.problems) {
    if (problem.warning && path.empty()) continue;
    const std::string credential = CredentialRemedy(problem);
    said.push_back(
        {"config", problem.warning ? Health::kWarning : Health::kBad,
         PlaceIn(file, problem) + ": " + problem.Sentence(),
         credential.empty() ? "see `tocsin generate config` for every key with its default" : credential});
  }
  if (loaded.valid())
    said.push_back({"config", Health::kGood, file + (path.empty() ? " are valid" : " is valid"), {}});
}

void ExaminePartitions(const Config& config, Diagnoses& said) {
  const std::string log = (std::filesystem::path(config.state_dir) / "log").string();
  if (Result<Done> fits = LocalStore::CheckPartitions(log, config.local.partitions); !fits)
    said.push_back(DiagnosisOf("local.partitions", fits.error(), "set it back"));
}

// `partitions`: of each input topic over Kafka; 0: the brokers were not asked, or did not say.
void ExamineMemory(const Config& config, int partitions, Diagnoses& said) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  int workers = config.engine.workers > 0 ? config.engine.workers : cores;
  // As the daemon: no more than there are partitions.
  if (config.log == LogKind::kLocal) workers = std::min(workers, config.local.partitions);
  if (partitions > 0) workers = std::min(workers, partitions);
  const uint64_t limit = MemoryLimit(config.engine);
  const MemoryBudget budget = BudgetOf(config, workers, partitions);
  if (Result<Done> fits = CheckMemory(budget, limit); !fits) {
    said.push_back(
        DiagnosisOf("memory", fits.error(), "lower one of these keys, or give the process more memory"));
    return;
  }
  said.push_back(
      {"memory",
       Health::kGood,
       "may take " + std::to_string(budget.Sum() >> 20U) + " of " + std::to_string(limit >> 20U) + " MiB",
       {}});
}

void ExamineDatabases(const DatabasePaths& paths, Timestamp now, Diagnoses& said) {
  if (paths.AllFiles().empty()) {
    said.push_back({"geoip", Health::kWarning,
                    "no database is configured: detectors of places and networks do not judge",
                    "name files with geoip.city, geoip.asn and geoip.anonymity"});
    return;
  }
  Result<std::shared_ptr<const Databases>> databases = LoadDatabases(paths);
  if (!databases) {
    said.push_back(
        DiagnosisOf("geoip", databases.error(), "fetch the file again, or mend the path in geoip"));
    said.back().health = Health::kBad;
    return;
  }
  for (const std::string& warning : (*databases)->warnings())
    said.push_back({"geoip", Health::kWarning, warning,
                    "let the user of the daemon write to geoip.cache_directory, or name another directory "
                    "there"});
  for (const DatabaseInfo& info : (*databases)->infos()) {
    const Timestamp built = FromMillis(info.built_at_seconds * 1000);
    const auto days = std::chrono::duration_cast<hours>(now - built).count() / 24;
    const bool old = now - built > kDatabaseAgeMax;
    said.push_back(
        {"geoip." + info.role, old ? Health::kWarning : Health::kGood,
         info.path + " is " + std::to_string(days) + " days old",
         old ? "let geoipupdate (or whoever fetches it) run weekly; the daemon takes a new file by itself"
             : ""});
  }
}

// What a code of the transport means to who configures it.
std::string RemedyOf(const std::string& code, const std::string& key) {
  if (code == "resolve") return "see the host in " + key + ", and the name server";
  if (code == "connect" || code == "timeout")
    return "see host and port in " + key + ", and what the network lets through";
  if (code == "tls") {
    // "delivery.mail.url" has its "delivery.mail.ca" beside it; "the url of the webhook" has "ca" likewise.
    const std::string ca = key.ends_with(".url") ? key.substr(0, key.size() - 3) + "ca" : "ca of the webhook";
    return "who signed its certificate is not trusted, or it is for another name than the host in " + key +
           ": name the file of your own authority in " + ca;
  }
  if (code == "no_starttls")
    return "the relay offers no STARTTLS at this port: take its port for mail clients (587), or smtps:// and "
           "the one that speaks TLS from the beginning (465)";
  if (code == "tls_handshake")
    return "TLS is not spoken at this port, or in no version that is taken: see the port in " + key +
           (key == "delivery.mail.url" ? ", or take smtp://, which begins TLS by STARTTLS" : "");
  if (code == "login") return "see delivery.mail.username and delivery.mail.password";
  if (code == "private_address")
    return "allow it (allow_private: true) if it is meant to be inside your network";
  if (code == "http_401" || code == "http_403")
    return "see delivery.tickets.token, and the rights of its user in delivery.tickets.queue";
  if (code == "http_404" && key == "delivery.tickets.url")
    return "see delivery.tickets.url: the ticket system is not at this address; its path may be missing (of "
           "Debian's Request Tracker /rt)";
  if (code == "queue_missing")
    return "see delivery.tickets.queue: there is none of this name that the user may see";
  if (code == "permission_denied") return "see delivery.tickets.token: its user is no agent there";
  if (code == "case_field_missing")
    return "add the field that delivery.tickets.case_field names to the queue (docs/tickets.md)";
  if (code == "request_type_missing")
    return "see delivery.tickets.request_type: the project has no issue type of this name";
  if (code == "outcome_field_missing")
    return "add the field by which agents decide, delivery.tickets.outcome_field; in Zendesk a drop-down "
           "field "
           "whose options are tagged tocsin_fraud and tocsin_false_positive (docs/tickets.md)";
  if (code == kNotShown)
    return "see yourself that there are the group of delivery.tickets.queue and the attribute of "
           "delivery.tickets.case_field, or let a token with admin.group and admin.object be asked";
  return "see " + key;
}

void ExamineDelivery(const DeliveryConfig& config, std::chrono::seconds timeout, Diagnoses& said) {
  const auto tell = [&said](const std::string& subject, const Result<Done>& reached, const std::string& key) {
    if (reached) {
      said.push_back({subject, Health::kGood, "can be reached; nothing was sent", {}});
    } else {
      said.push_back(DiagnosisOf(subject, reached.error(), RemedyOf(reached.error().field, key)));
      if (reached.error().field == kNotShown) said.back().health = Health::kWarning;
    }
  };
  if (!config.mail.url.empty()) tell("delivery.mail", ReachRelay(config.mail, timeout), "delivery.mail.url");
  for (const WebhookConfig& hook : config.webhooks) {
    tell("delivery.webhook." + hook.name, ReachHost(hook.url, hook.ca, hook.allow_private, timeout),
         "the url of the webhook");
  }
  if (const TicketsConfig& tickets = config.tickets; tickets.enabled()) {
    tell("delivery.tickets", ReachTickets(tickets, timeout), "delivery.tickets.url");
  }
  if (!config.enabled()) {
    said.push_back(
        {"delivery", Health::kGood, "nothing is configured: notices and tickets are only put out", {}});
  }
}

// Input topics that the daemon writes to itself: what owners, agents and operators say, and heartbeats.
std::set<std::string> WrittenInputs(const Config& config) {
  std::set<std::string> topics;
  const bool speaks = !config.rules.alerts.answers.base_url.empty() || config.delivery.tickets.enabled() ||
                      (!config.http.admin_token.empty() && !config.http.admin_listen.empty());
  if (speaks) topics.insert(config.kafka.feedback_topic);
  if (config.kafka.heartbeat_interval.count() > 0) topics.insert(ForTasks(config.kafka).input_topics.front());
  return topics;
}

// Another group, another changelog, and topics that are read as well: other rights.
void ExamineKafkaOfDelivery(const Config& config, Diagnoses& said) {
  for (Diagnosis& one : InspectKafka(ForDelivery(config.kafka, config.delivery), {})) {
    one.subject = "delivery." + one.subject;
    said.push_back(std::move(one));
  }
}

void ExamineHttp(const HttpConfig& config, Diagnoses& said) {
  if (config.admin_listen.empty() || config.admin_token.empty()) {
    said.push_back({"http.admin", Health::kWarning,
                    "the admin interface is not served: no token, or no address",
                    "give http.admin_token as {file: PATH}; then top, tap, deadletters and reload work"});
  } else if (config.admin_token.size() < 16) {
    said.push_back({"http.admin", Health::kWarning, "the admin token is shorter than 16 characters",
                    "make one: openssl rand -hex 32"});
  } else {
    said.push_back({"http.admin", Health::kGood, "served at " + config.admin_listen + " with a token", {}});
  }
}

}  // namespace

Diagnoses Examine(const LoadedConfig& loaded, const std::string& path, const DoctorOptions& options,
                  Timestamp now) {
  Diagnoses said;
  const auto wanted = [&options](const char* area) { return !options.skip.contains(area); };
  if (wanted("config") || !loaded.valid()) ExamineConfig(loaded, path, said);
  if (wanted("secrets")) {
    for (Diagnosis& one : ExamineSecrets(path)) said.push_back(std::move(one));
  }
  if (!loaded.valid()) return said;
  const Config& config = loaded.config;
  if (wanted("state")) {
    for (Diagnosis& one : ExamineStateDirectory(config.state_dir)) said.push_back(std::move(one));
    if (config.log == LogKind::kLocal) ExaminePartitions(config, said);
  }
  if (wanted("clock")) said.push_back(ExamineClock());
  if (wanted("geoip")) ExamineDatabases(config.databases, now, said);
  int partitions = 0;
  if (wanted("kafka") && config.log == LogKind::kKafka) {
    for (Diagnosis& one : InspectKafka(ForTasks(config.kafka), WrittenInputs(config), &partitions))
      said.push_back(std::move(one));
    if (config.delivery.enabled()) ExamineKafkaOfDelivery(config, said);
  }
  if (wanted("memory")) ExamineMemory(config, partitions, said);
  if (wanted("delivery")) ExamineDelivery(config.delivery, options.timeout, said);
  if (wanted("http")) ExamineHttp(config.http, said);
  return said;
}

std::string_view Name(Health health) {
  switch (health) {
    case Health::kGood:
      return "good";
    case Health::kWarning:
      return "warning";
    case Health::kBad:
      return "bad";
    case Health::kUnavailable:
      return "unavailable";
  }
  return "bad";
}

std::string DiagnosesJson(const Diagnoses& diagnoses) {
  std::string out;
  JsonWriter json(out);
  const bool healthy = std::ranges::all_of(diagnoses, [](const Diagnosis& one) {
    return one.health == Health::kGood || one.health == Health::kWarning;
  });
  json.BeginObject().Member("healthy", healthy).Key("checks").BeginArray();
  for (const Diagnosis& one : diagnoses) {
    json.BeginObject()
        .Member("subject", one.subject)
        .Member("health", Name(one.health))
        .Member("what", one.what);
    json.MemberIf("remedy", one.remedy).EndObject();
  }
  json.EndArray().EndObject();
  out += '\n';
  return out;
}

}  // namespace tocsin::daemon
